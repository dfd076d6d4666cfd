"""What a PostgreSQL account may do, by the catalogs: its own attributes, the groups that it is in, and what was granted to it, to those, or to PUBLIC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from psycopg import Connection
from psycopg.rows import TupleRow

from app.adapters.own_schemas import not_postgres_own
from app.ports import Excess

_ATTRIBUTES = {
    "rolsuper": ("is superuser", "NOSUPERUSER"),
    "rolbypassrls": ("passes by row-level security", "NOBYPASSRLS"),
    "rolcreaterole": ("may create roles", "NOCREATEROLE"),
    "rolcreatedb": ("may create databases", "NOCREATEDB"),
    "rolreplication": ("may replicate", "NOREPLICATION"),
}
_SELF = f"SELECT quote_ident(rolname), {', '.join(_ATTRIBUTES)} FROM pg_roles WHERE rolname = current_user"
# each role that the account can act as by a group that it is in, and whether nobody who only reads is in it
_GROUPS = f"""
SELECT quote_ident(r.rolname), quote_ident(g.rolname), r.rolname ~ '^pg_' OR {" OR ".join(f"r.{name}" for name in _ATTRIBUTES)}
FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles r ON pg_has_role(g.oid, r.oid, 'MEMBER')
WHERE m.member = (SELECT oid FROM pg_roles WHERE rolname = current_user) ORDER BY 1, 2"""
_OTHERS = not_postgres_own("n.nspname")
# what else writes large objects needs a right on one that is there
_OUTSIDE = "pg_read_file|pg_read_binary_file|pg_ls_dir|pg_stat_file|lo_import|lo_export|lo_creat|lo_create|lo_from_bytea"
# (what, on what, privilege, to whom) of everything but reading; an owner's are told apart, since they can't be revoked for good
_GRANTED = f"""
SELECT what, place, string_agg(DISTINCT privilege, ', ' ORDER BY privilege), CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END
FROM (
  SELECT 'the database' AS what, 'DATABASE ' || quote_ident(d.datname) AS place, a.privilege_type AS privilege, a.grantee, d.datdba AS owner
  FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a WHERE d.datname = current_database() AND a.privilege_type <> 'CONNECT'
  UNION ALL
  SELECT 'the schema ' || quote_ident(n.nspname), 'SCHEMA ' || quote_ident(n.nspname), a.privilege_type, a.grantee, n.nspowner
  FROM pg_namespace n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a WHERE {_OTHERS} AND a.privilege_type <> 'USAGE'
  UNION ALL
  SELECT 'tables of ' || quote_ident(n.nspname), 'ALL TABLES IN SCHEMA ' || quote_ident(n.nspname), a.privilege_type, a.grantee, c.relowner
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN LATERAL (
    SELECT * FROM aclexplode(coalesce(c.relacl, acldefault('r', c.relowner)))
    UNION ALL SELECT x.* FROM pg_attribute t, aclexplode(t.attacl) x WHERE t.attrelid = c.oid AND NOT t.attisdropped
  ) a WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND {_OTHERS} AND a.privilege_type <> 'SELECT'
  UNION ALL
  SELECT 'sequences of ' || quote_ident(n.nspname), 'ALL SEQUENCES IN SCHEMA ' || quote_ident(n.nspname), a.privilege_type, a.grantee, c.relowner
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(coalesce(c.relacl, acldefault('s', c.relowner))) a
  WHERE c.relkind = 'S' AND {_OTHERS} AND a.privilege_type <> 'SELECT'
  UNION ALL
  SELECT 'a function with the rights of its owner', 'ROUTINE ' || p.oid::regprocedure, a.privilege_type, a.grantee, p.proowner
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE p.prosecdef AND {_OTHERS}
  UNION ALL
  SELECT 'files or large objects', 'FUNCTION pg_catalog.' || p.oid::regprocedure, a.privilege_type, a.grantee, p.proowner
  FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
  WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname ~ '^({_OUTSIDE})$'
) AS held
WHERE grantee <> owner AND (grantee = 0 OR pg_has_role(current_user, grantee, 'MEMBER'))
GROUP BY what, place, grantee ORDER BY what, place, grantee"""
_OWNED = f"""
SELECT DISTINCT quote_ident(pg_get_userbyid(owner)) FROM (
  SELECT datdba AS owner FROM pg_database WHERE datname = current_database()
  UNION ALL SELECT n.nspowner FROM pg_namespace n WHERE {_OTHERS}
  UNION ALL SELECT c.relowner FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {_OTHERS}
  UNION ALL SELECT p.proowner FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {_OTHERS}
) AS owners WHERE pg_has_role(current_user, owner, 'MEMBER') ORDER BY 1"""
# what an extension brings with it is nobody's data
_READ = f"""
SELECT n.nspname, quote_ident(n.nspname), (
  SELECT array_agg(DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END)
  FROM aclexplode(n.nspacl) a WHERE a.privilege_type = 'USAGE' AND a.grantee <> n.nspowner AND (a.grantee = 0 OR pg_has_role(current_user, a.grantee, 'MEMBER')))
FROM pg_namespace n WHERE {_OTHERS} AND has_schema_privilege(n.oid, 'USAGE') AND EXISTS (
  SELECT FROM pg_class c WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'v', 'm', 'f', 'p') AND has_any_column_privilege(c.oid, 'SELECT')
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'))
ORDER BY 1"""


@dataclass(frozen=True, slots=True)
class _Account:
    """The account's name, quoted, and role → the groups by which it is in that role."""

    name: str
    groups: Mapping[str, tuple[str, ...]]

    def revoke(self, what: str, holder: str) -> str:
        """The statements that take a right away. What a group has stays the group's: others may need it."""
        if holder in (self.name, "PUBLIC"):
            return f"REVOKE {what} FROM {holder};"
        return " ".join(f"REVOKE {group} FROM {self.name};" for group in self.groups.get(holder, ()))


def excesses(connection: Connection[TupleRow]) -> tuple[Excess, ...]:
    """What the connection's account may do, in a transaction whose search_path is pg_catalog. Raises psycopg.Error."""
    name, *flags = connection.execute(_SELF.encode()).fetchone() or ("", True, *[False] * (len(_ATTRIBUTES) - 1))
    attributes = [Excess(what, f"ALTER ROLE {name} {no};") for (what, no), has in zip(_ATTRIBUTES.values(), flags, strict=True) if has]
    if flags[0]:
        return tuple(attributes[:1])  # the rest follows from it
    groups: dict[str, tuple[str, ...]] = {}
    strong: dict[str, str] = {}
    for role, group, is_strong in connection.execute(_GROUPS.encode()).fetchall():
        groups[role] = (*groups.get(role, ()), group)
        if is_strong:
            strong.setdefault(group, role)
    me = _Account(name, groups)
    found = [*attributes]
    found += [Excess(f"is a member of {role}", f"REVOKE {group} FROM {name};") for group, role in strong.items()]
    for (owner,) in connection.execute(_OWNED.encode()).fetchall():
        taken = f"REASSIGN OWNED BY {name} TO CURRENT_USER;" if owner == name else me.revoke("", owner)
        found.append(Excess("owns what it reads" if owner == name else f"may act as {owner}, which owns what it reads", taken))
    for what, place, privileges, holder in connection.execute(_GRANTED.encode()).fetchall():
        found.append(Excess(f"has {privileges} on {what}", me.revoke(f"{privileges} ON {place}", holder)))
    for schema, quoted, holders in connection.execute(_READ.encode()).fetchall():
        mends = [me.revoke(f"USAGE ON SCHEMA {quoted}", holder) for holder in holders or ()]
        found.append(Excess(f"reads the schema {quoted}", " ".join(mends), schema))
    return tuple(found)
