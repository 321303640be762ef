"""A local PostgREST as Supabase puts it behind its gateway: the description of a live database, and its refusals.

What a description holds follows PostgREST's source (src/PostgREST/Response/OpenAPI.hs, the query of tables and the
one of relationships in SchemaCache.hs, accessibleTables in Query/SqlFragment.hs) for versions 12, 14 and 16; the keys
follow Supabase's documentation, "Understanding API keys". Two things are simpler than there: a view shows the keys
of the columns that have the same name in a table it reads, and foreign tables cannot be written.
"""

from __future__ import annotations

import base64
import contextlib
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

import psycopg

from doubles.quiet import QuietServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def _jwt(role: str) -> str:
    def part(claims: dict[str, str]) -> str:
        return base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")

    return f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part({'iss': 'supabase', 'role': role})}.c2lnbmF0dXJl"


SERVICE_KEY = _jwt("service_role")
ANON_KEY = _jwt("anon")
SECRET_KEY = "sb_secret_N7UND0UgjKTVK-Uodkm0Hg_xSvEMPvz"
PUBLISHABLE_KEY = "sb_publishable_ACJWlzQHlZjBrEguHvfOxg_3BJgxAaH"

_RELATIONS = """
select c.oid, c.relname, d.description, case c.relkind
    when 'v' then pg_relation_is_updatable(c.oid, true) & 28 <> 0
    else c.relkind in ('r', 'p')
  end
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
left join pg_description d on d.objoid = c.oid and d.objsubid = 0 and d.classoid = 'pg_class'::regclass
where n.nspname = %(schema)s and c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
  and (pg_has_role(%(role)s, c.relowner, 'usage')
       or has_table_privilege(%(role)s, c.oid, 'select, insert, update, delete, truncate, references, trigger')
       or has_any_column_privilege(%(role)s, c.oid, 'select, insert, update, references'))
order by c.relname
"""
# A domain over a type of PostgreSQL itself shows as that type, and types of PostgreSQL itself lose their modifiers.
_COLUMNS = """
with recursive bases as (
  select oid, oid as base, typbasetype as below from pg_type
  union all
  select b.oid, t.oid, t.typbasetype from bases b join pg_type t on t.oid = b.below where b.below <> 0
)
select a.attname, d.description, not (a.attnotnull or t.typtype = 'd' and t.typnotnull),
  case
    when t.typtype = 'd' and bt.typnamespace = 'pg_catalog'::regnamespace then format_type(bt.oid, null)
    when t.typtype <> 'd' and t.typnamespace = 'pg_catalog'::regnamespace then format_type(t.oid, null)
    else format_type(a.atttypid, a.atttypmod)
  end,
  information_schema._pg_char_max_length(
    information_schema._pg_truetypid(a.*, t.*), information_schema._pg_truetypmod(a.*, t.*)),
  case
    when t.typbasetype <> 0 and ad.adbin is null then pg_get_expr(t.typdefaultbin, 0)
    when a.attidentity = 'd' then format('nextval(%%L)', s.objid::regclass)
    when a.attgenerated = 's' then null
    else pg_get_expr(ad.adbin, ad.adrelid)
  end,
  (select array_agg(e.enumlabel::text order by e.enumsortorder) from pg_enum e where e.enumtypid = bt.oid)
from pg_attribute a
join pg_type t on t.oid = a.atttypid
join bases b on b.oid = t.oid and b.below = 0
join pg_type bt on bt.oid = b.base
left join pg_description d
  on d.objoid = a.attrelid and d.objsubid = a.attnum and d.classoid = 'pg_class'::regclass
left join pg_attrdef ad on ad.adrelid = a.attrelid and ad.adnum = a.attnum
left join pg_depend s on s.refobjid = a.attrelid and s.refobjsubid = a.attnum and s.deptype = 'i'
  and s.classid = 'pg_class'::regclass
where a.attrelid = %(relation)s and a.attnum > 0 and not a.attisdropped
order by a.attnum
"""
_SOURCES = """
select %(relation)s::oid, null::name where (select relkind from pg_class where oid = %(relation)s) in ('r', 'p')
union
select d.refobjid, a.attname
from pg_rewrite r
join pg_depend d on d.objid = r.oid and d.classid = 'pg_rewrite'::regclass and d.refobjsubid > 0
join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
where r.ev_class = %(relation)s and d.refobjid <> r.ev_class
"""
_PRIMARY = """
select a.attname from pg_constraint k join pg_attribute a on a.attrelid = k.conrelid and a.attnum = any (k.conkey)
where k.conrelid = %(relation)s and k.contype = 'p'
"""
# Foreign keys of one column, to tables of the same schema.
_FOREIGN = """
select a.attname, f.relname, fa.attname
from pg_constraint k
join pg_class f on f.oid = k.confrelid
join pg_namespace n on n.oid = f.relnamespace
join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
join pg_attribute fa on fa.attrelid = k.confrelid and fa.attnum = k.confkey[1]
where k.conrelid = %(relation)s and k.contype = 'f' and cardinality(k.conkey) = 1 and n.nspname = %(schema)s
  and k.conparentid = 0
order by k.conname desc
"""
_TYPES = {
    **dict.fromkeys(("character varying", "character", "text"), "string"),
    **dict.fromkeys(("smallint", "integer", "bigint"), "integer"),
    **dict.fromkeys(("numeric", "real", "double precision"), "number"),
    "boolean": "boolean",
    "json": None,
    "jsonb": None,
}
_FORMATS = {"smallint": "int32", "integer": "int32", "bigint": "int64"}  # since late 14s


def describe(dsn: str, schema: str, *, role: str = "service_role", version: int = 14) -> dict[str, Any]:
    """Return what PostgREST of *version* says of *schema* to *role*."""
    definitions: dict[str, Any] = {}
    paths: dict[str, Any] = {"/": {"get": {"tags": ["Introspection"]}}}
    with psycopg.connect(dsn, autocommit=True) as session:
        session.execute("set search_path = ''")
        for oid, name, comment, writable in session.execute(
            _RELATIONS, {"schema": schema, "role": role}
        ).fetchall():
            verbs = ("get", "post", "delete", "patch") if writable else ("get",)
            paths[f"/{name}"] = {verb: {"tags": [name]} for verb in verbs}
            definitions[name] = _definition(session, oid, schema, comment, version)
    document = {
        "swagger": "2.0",
        "info": {"title": "standard public schema", "version": f"{version}.1", "description": ""},
        "host": "0.0.0.0:3000",
        "basePath": "/",
        "schemes": ["http"],
        "paths": paths,
        "parameters": {"preferParams": {"name": "Prefer", "in": "header", "required": False, "type": "string"}},
        "externalDocs": {"description": "PostgREST Documentation", "url": "https://postgrest.org/en/v14/api.html"},
    }
    return document | ({"definitions": definitions} if definitions else {})


def _definition(session: psycopg.Connection[Any], oid: int, schema: str, comment: str | None, version: int) -> Any:
    primary, foreign = _keys(session, oid, schema)
    columns = session.execute(_COLUMNS, {"relation": oid}).fetchall()
    properties = {c[0]: _property(c, c[0] in primary, foreign.get(c[0]), version) for c in columns}
    definition = {
        "description": comment,
        "required": [column[0] for column in columns if not column[2]],
        "properties": properties,
        "type": "object",
    }
    return {key: value for key, value in definition.items() if value not in (None, [])}


def _keys(session: psycopg.Connection[Any], oid: int, schema: str) -> tuple[set[str], dict[str, tuple[str, str]]]:
    primary: set[str] = set()
    foreign: dict[str, tuple[str, str]] = {}
    for source, column in session.execute(_SOURCES, {"relation": oid}).fetchall():
        wanted = {"relation": source, "schema": schema}
        primary |= {n for (n,) in session.execute(_PRIMARY, wanted).fetchall() if column in (None, n)}
        found = session.execute(_FOREIGN, wanted).fetchall()
        foreign |= {n: (table, target) for n, table, target in found if column in (None, n)}
    return primary, foreign


def _property(column: tuple[Any, ...], primary: bool, foreign: tuple[str, str] | None, version: int) -> Any:
    _, comment, _, kind, size, default, labels = column
    notes = ["Note:"]
    if primary:
        notes.append("This is a Primary Key.<pk/>")
    if foreign:
        table, target = foreign
        notes.append(f"This is a Foreign Key to `{table}.{target}`.<fk table='{table}' column='{target}'/>")
    if len(notes) > 1:
        comment = (f"{comment}\n\n" if comment is not None else "") + "\n".join(notes)
    shown = {
        "default": _default(kind, default),
        "description": comment,
        "enum": labels,
        "format": _FORMATS.get(kind, kind) if version >= 16 else kind,
        "items": {"type": _swagger(kind.removesuffix("[]"))} if kind.endswith("[]") else None,
        "maxLength": size,
        "type": _swagger(kind),
    }
    return {key: value for key, value in shown.items() if value is not None}


def _swagger(kind: str) -> str | None:
    return _TYPES.get(kind, "array" if kind.endswith("[]") else "string")


def _default(kind: str, default: str | None) -> Any:
    """Return a default as shown: where its text is not JSON, nothing is."""
    if default is None:
        return None
    text = default
    if _swagger(kind) == "string":
        suffix = f"::{kind}"
        text = f'"{default.removesuffix(suffix).strip(chr(39)) if default.endswith(suffix) else default}"'
    with contextlib.suppress(ValueError):
        return json.loads(text)
    return None


# ---- the server


@dataclass
class Double:
    """A running server: what it is told to answer with, and what it was asked."""

    dsn: str = ""
    version: int = 14
    exposed: tuple[str, ...] = ("public",)
    answer: Callable[[Double, BaseHTTPRequestHandler], bool] | None = None
    asked: list[dict[str, str]] = field(default_factory=list)
    url: str = ""


@contextlib.contextmanager
def serving(double: Double) -> Iterator[Double]:
    """Serve *double* on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            double.asked.append(
                {**{name.lower(): value for name, value in self.headers.items()}, "path": self.path}
            )
            if double.answer is None or not double.answer(double, self):
                reply(self, *_answer(double, self))

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    with QuietServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        double.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield double
        finally:
            server.shutdown()
            thread.join()


def reply(handler: BaseHTTPRequestHandler, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
    """Answer with *body*: text as it is, anything else as JSON."""
    content = body.encode() if isinstance(body, str) else json.dumps(body, ensure_ascii=False).encode()
    kind = "text/html" if isinstance(body, str) else "application/json; charset=utf-8"
    handler.send_response(status)
    for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **(headers or {})}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(content)


def _answer(double: Double, handler: BaseHTTPRequestHandler) -> tuple[int, Any]:
    headers = handler.headers
    key, bearer = headers.get("apikey"), headers.get("Authorization", "")
    if key is None:
        return 401, {
            "message": "No API key found in request",
            "hint": "No `apikey` request header or url param was found.",
        }
    if key not in {SERVICE_KEY, SECRET_KEY, ANON_KEY, PUBLISHABLE_KEY}:
        return 401, {
            "message": "Invalid API key",
            "hint": "Double check your Supabase `anon` or `service_role` API key.",
        }
    if key == SECRET_KEY and ("Mozilla" in headers.get("User-Agent", "") or bearer):
        return 401, {"message": "Forbidden use of secret API key in browser"}
    if key == SERVICE_KEY and bearer != f"Bearer {SERVICE_KEY}":
        return 401, {"message": "Access to schema is forbidden"}  # without it PostgREST takes the role anon
    if key in {ANON_KEY, PUBLISHABLE_KEY}:
        return 401, {"message": "Access to schema is forbidden", "hint": "Use a secret API key."}
    if handler.path != "/rest/v1/":
        return 404, {"message": "no Route matched with those values"}
    schema = headers.get("Accept-Profile", double.exposed[0]).encode("latin-1").decode()
    if schema not in double.exposed:
        hint = f"Only the following schemas are exposed: {', '.join(double.exposed)}"
        return 406, {"code": "PGRST106", "details": None, "hint": hint, "message": f"Invalid schema: {schema}"}
    return 200, describe(double.dsn, schema, version=double.version)
