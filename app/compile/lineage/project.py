"""The lineage of a project's models, each read when it is first asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from app.compile.lineage.code import Code, CodeNode, ProjectCode
from app.compile.lineage.flow import Flow
from app.compile.lineage.reading import Unreadable, read_sql
from app.model.lineage import ColumnLineage, Edge, ModelLineage, Reason, Role
from app.model.ontology import Ontology

VERSION = 2
"""Raised when the same SQL is read otherwise than before, so that nothing read by an earlier version is used again."""
ENDS = ("source", "seed")
"""Where lineage ends: data that no SQL of the project makes."""
_ORDER = {role: number for number, role in enumerate(Role)}


class ProjectLineage:
    """Reads models on demand, those before them first. `held` are readings of an earlier time, which stand where nothing that they were made of changed."""

    def __init__(self, ontology: Ontology, code: ProjectCode, held: Iterable[ModelLineage] = ()) -> None:
        self._code = code
        self._held = {one.model: one for one in held}
        self._models = {model.unique_id: model for model in ontology.models}
        self._names = {model.unique_id: model.name for model in ontology.models}
        self._ids = {model.name: model.unique_id for model in ontology.models}
        self._spelled = {model.name: {column.name.lower(): column.name for column in model.columns} for model in ontology.models}
        self._found: dict[str, ModelLineage] = {}

    def of(self, model: str) -> ModelLineage | None:
        """The lineage of the model of that name; None of seeds, sources, and what is no model."""
        unique_id = self._ids.get(model, "")
        if unique_id and model not in self._found:
            for one in self._before(unique_id):
                self._found[self._names[one]] = self._read(one)
        return self._found.get(model)

    def all(self) -> tuple[ModelLineage, ...]:
        """That of every model, by name."""
        found = (self.of(name) for name in sorted(self._ids))
        return tuple(one for one in found if one is not None)

    def _before(self, unique_id: str) -> list[str]:
        """The models that are still to be read, what they are built from first. Long chains of models cost no recursion."""
        order: list[str] = []
        state: dict[str, bool] = {}
        stack = [unique_id]
        while stack:
            one = stack[-1]
            if one not in self._models or self._models[one].resource_type in ENDS or self._names[one] in self._found or state.get(one):
                stack.pop()
            elif one in state:
                state[stack.pop()] = True
                order.append(one)
            else:
                state[one] = False
                stack += [other for other in self._models[one].depends_on if other not in state]
        return order

    def _read(self, unique_id: str) -> ModelLineage:
        name = self._names[unique_id]
        node, code = self._code.node(unique_id), self._code.of(unique_id)
        if isinstance(code, Code) and node is not None:
            checksum = self._checksum(code, node)
            held = self._held.get(name)
            if held is not None and held.checksum == checksum and self._is_whole(held, node):
                return held
            try:
                return self._written(name, checksum, read_sql(code, node, self._names, self._columns))
            except Unreadable as error:
                reason, detail = Reason.UNREADABLE, str(error)
        else:
            checksum = ""
            reason, detail = (Reason.NO_SQL, "") if isinstance(code, Code) else (code.reason, code.detail)
        return self._unseen(unique_id, checksum, reason, detail)

    def _unseen(self, unique_id: str, checksum: str, reason: Reason, detail: str) -> ModelLineage:
        """A model of which only what it is built from is known."""
        above = [self._names[one] for one in self._models[unique_id].depends_on if one in self._names]
        rows = tuple(Edge(name, "*", Role.ROWS, reason, detail) for name in above) or (Edge("", "", Role.ROWS, reason, detail),)
        return ModelLineage(self._names[unique_id], checksum, rows=rows, reason=reason, detail=detail)

    def _written(self, name: str, checksum: str, flow: Flow) -> ModelLineage:
        """A flow as it is kept: sorted, with names as the models spell them."""
        spelled = self._spelled[name]
        columns = (ColumnLineage(spelled.get(column, column), self._edges(deps)) for column, deps in flow.columns.items())
        return ModelLineage(name, checksum, tuple(columns), self._edges(flow.rows), flow.passes, self._edges(flow.soup or ()))

    def _edges(self, deps: Iterable[Edge]) -> tuple[Edge, ...]:
        found = {self._named(edge) for edge in deps}
        return tuple(sorted(found, key=lambda e: (_ORDER[e.role], e.model, e.column, e.reason or "", e.detail)))

    def _named(self, edge: Edge) -> Edge:
        column = self._spelled.get(edge.model, {}).get(edge.column, edge.column)
        return edge if column == edge.column else msgspec.structs.replace(edge, column=column)

    def _columns(self, unique_id: str) -> tuple[Sequence[str], bool]:
        """The columns of a node: what its own SQL gives, else what catalog and YAML say."""
        listed, all_of_them = self._code.columns(unique_id)
        own = self._found.get(self._names[unique_id])
        if own is None or own.reason is not None:
            return listed, all_of_them
        names = dict.fromkeys(column.name.lower() for column in own.columns)
        if own.open or own.others:
            names |= dict.fromkeys(column.lower() for column in listed)
        return tuple(names), not (own.open or own.others) or all_of_them

    def _checksum(self, code: Code, node: CodeNode) -> str:
        """A hash of all that a model's reading is made of."""
        above = [(one, self._names[one], *self._columns(one)) for one in sorted(set(node.depends_on.nodes)) if one in self._names]
        mine = self._spelled[self._names[node.unique_id]]
        config = node.config if node.resource_type == "snapshot" else None
        content = (
            VERSION,
            code.grammar,
            code.sql,
            above,
            sorted(mine.items()),
            [sorted(self._spelled[one[1]].items()) for one in above],
            config,
        )
        return hashlib.sha256(msgspec.json.encode(content)).hexdigest()[:16]

    def _is_whole(self, held: ModelLineage, node: CodeNode) -> bool:
        """Whether an earlier reading speaks of nothing but the models that this one is built from: what else its SQL names may be another thing now."""
        models: Mapping[str, bool] = dict.fromkeys((self._names[one] for one in node.depends_on.nodes if one in self._names), True)
        edges = (*held.rows, *held.others, *(edge for column in held.columns for edge in column.edges))
        return all(edge.reason is not Reason.RELATION and (edge.model in models or edge.model in ("", held.model)) for edge in edges)
