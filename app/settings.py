"""One typed tree of settings: environment first, then `datamind.toml` of the working directory, then the defaults. No global instance."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import quote
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AliasChoices, BaseModel, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError, TomlConfigSettingsSource

from app.errors import Problem, UserError, Where, did_you_mean
from app.model.principal import Role

SETTINGS_FILE = "datamind.toml"
NO_PROVIDER = "none"
"""What the provider is called where there is no language model."""
_FIELD = re.compile(r'field "(\w+)"')
_Provider = Annotated[str, AfterValidator(lambda name: name.strip().lower() or NO_PROVIDER)]


def _named(name: str, *others: str) -> AliasChoices:
    """The spellings under which a setting is accepted: ours, the field's own (in the file), and older or shared names."""
    return AliasChoices(f"DATAMIND_{name.upper()}", name, *others)


class LlmFallback(BaseModel, frozen=True, extra="forbid"):
    """A further language model: as the settings of the first."""

    provider: _Provider
    model: str = ""
    url: SecretStr | None = None
    key: SecretStr | None = None
    price_in: float = Field(0.0, ge=0)
    price_out: float = Field(0.0, ge=0)


class Settings(BaseSettings):
    """All that a person may set.

    A part whose URL is unset is the embedded one. An engine's URL may also be `profile:TARGET`: that output of the dbt profile then says
    where it is, so that no password stands in two files. An environment variable that is empty counts as unset.
    """

    model_config = SettingsConfigDict(
        extra="ignore", populate_by_name=True, toml_file=SETTINGS_FILE, case_sensitive=False, env_ignore_empty=True
    )

    project_id: str = Field("default", validation_alias=_named("project_id"), pattern=r"^[A-Za-z0-9_-]{1,64}$")
    store_url: SecretStr | None = Field(None, validation_alias=_named("store_url"))
    postgres_url: SecretStr | None = Field(None, validation_alias=_named("postgres_url"))
    clickhouse_url: SecretStr | None = Field(None, validation_alias=_named("clickhouse_url"))
    redis_url: SecretStr | None = Field(None, validation_alias=_named("redis_url", "REDIS_URL"))
    vector_url: SecretStr | None = Field(None, validation_alias=_named("vector_url"))
    """Where the vectors of training items are kept: `chroma+http://…` or `qdrant+http://…`; unset, pgvector in the store."""

    embedder: Literal["wordllama", "e5"] = Field("wordllama", validation_alias=_named("embedder"))
    """By which model training items are found."""

    engines: tuple[Literal["postgres", "clickhouse"], ...] = Field(
        ("postgres", "clickhouse"), validation_alias=_named("engines"), min_length=1
    )
    """The warehouse engines in use, the source of truth first. An engine left out is neither started nor asked."""

    secret_key: SecretStr | None = Field(None, validation_alias=_named("secret_key", "ENCRYPTION_KEY"), min_length=32)
    """Signs tokens and keys the masks; unset, one is generated and kept in `data_dir`."""

    audit_key: SecretStr | None = Field(None, validation_alias=_named("audit_key"), min_length=32)
    """What the key of the audit trail is derived from; unset, the secret key."""

    audit_old_keys: tuple[SecretStr, ...] = Field((), validation_alias=_named("audit_old_keys"))
    """Secrets that were `audit_key` (or the secret key) before: records that they signed can be verified still."""

    audit_log: Path | None = Field(None, validation_alias=_named("audit_log", "AUDIT_LOG"))
    """The file that checkpoints of the audit trail go to; unset, `logs/audit.log` in `data_dir`."""

    llm_provider: _Provider = Field(NO_PROVIDER, validation_alias=_named("llm_provider", "LLM_PROVIDER"))
    """Which language model drafts queries beside the grounded interpreter: ollama, openai, azure, anthropic, google, compatible, scripted, or none."""

    llm_model: str = Field("", validation_alias=_named("llm_model", "LLM_MODEL"))
    """The provider's name of the model; of Azure, the deployment's."""

    llm_url: SecretStr | None = Field(None, validation_alias=_named("llm_url", "LLM_URL"))
    """Where the provider is; unset, the vendor's own address. Azure and compatible servers have none."""

    llm_key: SecretStr | None = Field(None, validation_alias=_named("llm_key", "LLM_API_KEY"))
    llm_fallbacks: tuple[LlmFallback, ...] = Field((), validation_alias=_named("llm_fallbacks"))
    """Further providers, asked in this order where those before them have no draft."""

    llm_seconds: float = Field(20.0, validation_alias=_named("llm_seconds"), gt=0, le=600)
    """How long a provider may take in all, with its retries."""

    llm_connect_seconds: float = Field(3.0, validation_alias=_named("llm_connect_seconds"), gt=0, le=60)
    llm_tries: int = Field(3, validation_alias=_named("llm_tries"), ge=1, le=10)
    """How often a provider is tried that can't be reached or fails (429, 5xx)."""

    llm_max_bytes: int = Field(256 << 10, validation_alias=_named("llm_max_bytes"), ge=1_000, le=64 << 20)
    """How many bytes of an answer are read."""

    llm_max_tokens: int = Field(2_048, validation_alias=_named("llm_max_tokens"), ge=16, le=1_000_000)
    """How many tokens an answer may have, thoughts among them."""

    llm_prompt_bytes: int = Field(100_000, validation_alias=_named("llm_prompt_bytes"), ge=1_000, le=64 << 20)
    """How many bytes of messages and schema may be sent."""

    llm_price_in: float = Field(0.0, validation_alias=_named("llm_price_in"), ge=0)
    """US dollars for a million tokens that are sent, by which cost is told."""

    llm_price_out: float = Field(0.0, validation_alias=_named("llm_price_out"), ge=0)
    """The same of tokens that are answered."""

    llm_month_dollars: float | None = Field(None, validation_alias=_named("llm_month_dollars"), ge=0)
    """What the project may spend in a calendar month (UTC); unset, without bound."""

    llm_month_tokens: int | None = Field(None, validation_alias=_named("llm_month_tokens"), ge=0)
    """The same in tokens of both ways."""

    llm_proxy: SecretStr | None = Field(None, validation_alias=_named("llm_proxy"))
    """The proxy through which providers are reached; those that the environment names do not count."""

    llm_plain_http_hosts: tuple[str, ...] = Field((), validation_alias=_named("llm_plain_http_hosts"))
    """Hosts of a private network to which a key may be sent over http; to this machine it may be anyway, to any other host never."""

    llm_ca_file: Path | None = Field(None, validation_alias=_named("llm_ca_file"))
    """The certificates (PEM) that providers are verified by, in place of the system's."""

    llm_script: Path | None = Field(None, validation_alias=_named("llm_script"))
    """The file of rules of the provider `scripted`."""

    llm_script_log: Path | None = Field(None, validation_alias=_named("llm_script_log"))
    """Where that one writes what it received; unset, nowhere."""

    dbt_project_path: Path = Field(Path("dbt_project"), validation_alias=_named("dbt_project_path", "DBT_PROJECT_PATH", "DBT_PROJECT_DIR"))
    dbt_profiles_dir: Path | None = Field(None, validation_alias=_named("dbt_profiles_dir", "DBT_PROFILES_DIR"))
    dbt_vars: dict[str, Any] = Field({}, validation_alias=_named("dbt_vars"))
    """Variables that win over `vars` of dbt_project.yml, as those of dbt's `--vars`."""

    dbt_parse: bool = Field(True, validation_alias=_named("dbt_parse"))
    """Whether a worker parses the project before a sync, as `dbt parse` does, where its files are newer than its artifacts."""

    dbt_git_remote: str = Field("", validation_alias=_named("dbt_git_remote"), pattern=r"^([A-Za-z0-9_.][A-Za-z0-9_./-]*)?$")
    """The remote whose branch the project's folder follows: a sync that a webhook asks for fetches it first. Unset, others bring the folder up to date."""

    dbt_git_branch: str = Field("main", validation_alias=_named("dbt_git_branch"), pattern=r"^[A-Za-z0-9_.][A-Za-z0-9_./-]*$")
    """The branch that is followed, and whose pushes a webhook listens to."""

    github_webhook_secret: SecretStr | None = Field(None, validation_alias=_named("github_webhook_secret"), min_length=16)
    """What GitHub signs its webhooks with; unset, none is taken."""

    dbt_cloud_webhook_secret: SecretStr | None = Field(None, validation_alias=_named("dbt_cloud_webhook_secret"), min_length=16)
    """The same of dbt Cloud."""

    postgres_target_path: Path | None = Field(None, validation_alias=_named("postgres_target_path"))
    """Where dbt writes the artifacts of its PostgreSQL target, relative to the project; unset: `target/postgres`, else `target`."""

    clickhouse_target_path: Path | None = Field(None, validation_alias=_named("clickhouse_target_path"))
    data_dir: Path = Field(Path(".datamind"), validation_alias=_named("data_dir"))

    compare_previous: bool = Field(True, validation_alias=_named("compare_previous"))
    """Whether a number of a closed period is compared with the period before it, unasked: one more query of the same kind, of a second at most."""

    llm_sure: float = Field(0.95, validation_alias=_named("llm_sure"), ge=0, le=1)
    """A question that the project's own words answer with at least this confidence is not sent to the language model; 1 asks it every one."""

    llm_may_answer: bool = Field(False, validation_alias=_named("llm_may_answer"))
    """Whether a reading that only the language model has is answered, with a warning, and not only offered."""

    llm_roles: tuple[Role, ...] = Field(tuple(Role), validation_alias=_named("llm_roles"))
    """Whose questions the language model reads."""

    llm_sql_roles: tuple[Role, ...] = Field((), validation_alias=_named("llm_sql_roles"))
    """Who gets SQL that the language model writes where no metric answers: governed, not certified. Nobody, unless it is set."""

    llm_replay_questions: int = Field(200, validation_alias=_named("llm_replay_questions"), ge=1, le=10_000)
    """How many approved questions, the newest, a language model is asked at most before it may draft."""

    llm_layer_bytes: int = Field(32_000, validation_alias=_named("llm_layer_bytes"), ge=1_000, le=1_000_000)
    """So many bytes of a prompt may tell the names and descriptions of the layer: of a larger one those nearest to the question."""

    pii_scan_results: bool = Field(False, validation_alias=_named("pii_scan_results"))
    """Whether texts of results are searched for personal data, which is then masked for everybody but admins."""

    max_rows: int = Field(10_000, validation_alias=_named("max_rows"), ge=1, le=1_000_000)
    max_seconds: float = Field(30.0, validation_alias=_named("max_seconds"), gt=0, le=600)
    max_memory_mb: int = Field(1_024, validation_alias=_named("max_memory_mb"), ge=16, le=1_000_000)
    max_bytes: int = Field(64 << 20, validation_alias=_named("max_bytes"), ge=1000, le=1 << 30)
    """Most bytes of an answer; one that is larger is cut."""

    conversations: int = Field(200, validation_alias=_named("conversations"), ge=1, le=10_000)
    """How many conversations a person keeps; with one more, the one that was asked longest ago is forgotten."""

    conversation_days: int = Field(90, validation_alias=_named("conversation_days"), ge=1, le=3_650)
    """For how many days after its last question a conversation is kept, and after it was made a remembered choice."""

    shared_days: int = Field(30, validation_alias=_named("shared_days"), ge=1, le=3_650)
    """For how many days an answer that is shared by a link can be opened."""

    timezone: str = Field("UTC", validation_alias=_named("timezone"))
    week_start: Literal["monday", "saturday", "sunday"] = Field("monday", validation_alias=_named("week_start"))
    """With which day weeks begin where a question says `last week`; what is grouped by week begins on Monday, as in dbt."""
    fiscal_start: int = Field(1, validation_alias=_named("fiscal_start"), ge=1, le=12)
    today: dt.date | None = Field(None, validation_alias=_named("today"))
    """Pins "today", for data that ends on a fixed date and for replays; unset, the clock says."""

    trending_people: int = Field(2, validation_alias=_named("trending_people"), ge=2, le=1_000)
    """So many different people must have asked a question before it is shown to others as one that is asked a lot."""

    host: str = Field("127.0.0.1", validation_alias=_named("host"))
    port: int = Field(8000, validation_alias=_named("port"), ge=1, le=65535)
    ui_port: int = Field(8501, validation_alias=_named("ui_port"), ge=1, le=65535)
    gateway_url: str = Field("http://127.0.0.1:8000", validation_alias=_named("gateway_url"))
    """Where the Streamlit page finds the gateway."""

    cors_origins: tuple[str, ...] = Field((), validation_alias=_named("cors_origins"))
    threads: int = Field(16, validation_alias=_named("threads"), ge=1, le=256)
    layer_poll_seconds: float = Field(2.0, validation_alias=_named("layer_poll_seconds"), gt=0, le=60)
    policy_cache_seconds: float = Field(60.0, validation_alias=_named("policy_cache_seconds", "POLICY_CACHE_SECONDS"), ge=1, le=3600)
    """For how long policies of the store count that were read while it still answered; after that no data is shown."""

    log_format: str = Field("json", validation_alias=_named("log_format"), pattern="^(json|text)$")

    db_host: str | None = Field(None, validation_alias=AliasChoices("DB_HOST"))
    db_port: int = Field(5432, validation_alias=AliasChoices("DB_PORT"), ge=1, le=65535)
    db_name: str = Field("datamind", validation_alias=AliasChoices("DB_NAME"))
    db_user: str = Field("datamind", validation_alias=AliasChoices("DB_USER"))
    db_password: SecretStr | None = Field(None, validation_alias=AliasChoices("DB_PASSWORD"))

    @field_validator("timezone")
    @classmethod
    def _is_timezone(cls, value: str) -> str:
        """A zone that this machine's time zone data has."""
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError("there is no such time zone; they look like Europe/Berlin") from None
        return value

    @field_validator("engines")
    @classmethod
    def _no_engine_twice(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Each engine once, in the order given."""
        return tuple(dict.fromkeys(value))

    @model_validator(mode="after")
    def _store_from_parts(self) -> Self:
        """`DB_HOST` and its kin name the store where `DATAMIND_STORE_URL` does not."""
        if self.store_url is None and self.db_host:
            password = f":{quote(self.db_password.get_secret_value(), safe='')}" if self.db_password else ""
            user = quote(self.db_user, safe="")
            self.store_url = SecretStr(f"postgresql://{user}{password}@{self.db_host}:{self.db_port}/{quote(self.db_name, safe='')}")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - called by name
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - called by name
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then environment, then the settings file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load_settings(**given: object) -> Settings:
    """Settings from arguments, environment and file. Raises UserError DM1001 that names each setting which is wrong, never its value."""
    try:
        _check_file()
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        problems = [_wrong(str(item["loc"][0] if item["loc"] else "?"), item["msg"]) for item in error.errors(include_input=False)]
        raise UserError(*problems) from None
    except SettingsError as error:
        found = _FIELD.search(str(error))
        raise UserError(_wrong(found[1] if found else "?", 'it is not JSON; a list is written ["like", "this"]')) from None
    except (ValueError, OSError) as error:
        raise UserError(Problem("DM1002", f"{SETTINGS_FILE} could not be read: {error}", where=Where(SETTINGS_FILE))) from None


def _check_file() -> None:
    """Raises UserError DM1001 for each name in the settings file that is no setting: a misspelt limit must not be a limit that is not there."""
    path = Path(SETTINGS_FILE)
    if not path.is_file():
        return
    known = {name for name in Settings.model_fields if not name.startswith("db_")}
    unknown = sorted(set(tomllib.loads(path.read_text(encoding="utf-8"))) - known)
    if unknown:
        raise UserError(
            *(
                Problem(
                    "DM1001",
                    f"there is no setting `{name}`",
                    where=Where(SETTINGS_FILE),
                    hint=did_you_mean(name, known) or "see docs/settings.md",
                )
                for name in unknown
            )
        )


def _wrong(name: str, message: str) -> Problem:
    """One setting that is wrong, by the name under which it was given."""
    return Problem("DM1001", f"the setting `{name}` is wrong: {message}", where=Where(path="settings"))
