"""What an API description is made of. Each piece knows how it is written in OpenAPI 3.1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from gateway.web.limits import Tier
from gateway.web.picora.openapi.headers import OF_PICORA, used
from gateway.web.picora.openapi.refusals import ANYWHERE, WITH_KEY, responses
from gateway.web.picora.openapi.shapes import Schema

Place = Literal["query", "path", "header"]
Json = dict[str, Any]
JSON = "application/json"
FORM = "multipart/form-data"
BEARER = "bearer"


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    place: Place
    schema: Schema
    says: str
    is_required: bool = False
    example: object = None

    def render(self) -> Json:
        written: Json = {"name": self.name, "in": self.place, "description": self.says, "schema": self.schema}
        if self.is_required or self.place == "path":
            written["required"] = True
        return written | ({"example": self.example} if self.example is not None else {})


@dataclass(frozen=True, slots=True)
class Body:
    """`content` is schemas by media type."""

    content: Mapping[str, Schema]
    is_required: bool = True
    examples: Mapping[str, object] = field(default_factory=dict)

    def render(self) -> Json:
        content: Json = {type: {"schema": schema} for type, schema in self.content.items()}
        for type, example in self.examples.items():
            content[type]["example"] = example
        return {"content": content} | ({"required": True} if self.is_required else {})


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` are there besides those of every answer; of `sometimes`, the description of the header says when."""

    status: int
    says: str
    content: Mapping[str, Schema] = field(default_factory=dict)
    headers: tuple[str, ...] = ()
    sometimes: tuple[str, ...] = ()
    usual: tuple[str, ...] = OF_PICORA

    def render(self) -> Json:
        written: Json = {"description": self.says, "headers": used((*self.usual, *self.headers), self.sometimes)}
        content = {type: {"schema": schema} for type, schema in self.content.items()}
        return written | ({"content": content} if content else {})


@dataclass(frozen=True, slots=True)
class Operation:
    """`refusals` are codes of `envelope.REFUSALS`, besides those of every operation. No `tier`: it costs nothing.
    `keys` are the ways in which a key may be sent, or no way where none is looked at."""

    method: str
    path: str
    name: str
    says: str
    answers: tuple[Answer, ...]
    tag: str
    details: str = ""
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None
    refusals: tuple[str, ...] = ()
    tier: Tier | None = None
    scope: str | None = None
    keys: tuple[str, ...] = (BEARER,)

    def codes(self) -> tuple[str, ...]:
        about_key = WITH_KEY if self.keys == (BEARER,) else ()
        about_scope = ("SCOPE_MISSING",) if self.scope else ()
        return (*ANYWHERE, *about_key, *about_scope, *self.refusals)

    def render(self) -> Json:
        written: Json = {"operationId": self.name, "summary": self.says, "tags": [self.tag]}
        if details := " ".join(filter(None, (self.details, self.cost()))):
            written["description"] = details
        if self.parameters:
            written["parameters"] = [parameter.render() for parameter in self.parameters]
        if self.body:
            written["requestBody"] = self.body.render()
        own = {str(answer.status): answer.render() for answer in self.answers}
        written["responses"] = dict(sorted((responses(self.codes()) | own).items()))
        written["security"] = [{key: [self.scope] if self.scope else []} for key in self.keys]
        return written

    def cost(self) -> str:
        scope = f"Needs the scope `{self.scope}`." if self.scope else ""
        return " ".join(filter(None, (scope, f"Counts as one {self.tier}." if self.tier else "")))
