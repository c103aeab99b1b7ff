"""The schema of rule files and of ``pack.yaml``: pydantic models, also the source of the editors' JSON Schema."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Name = str


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ActionEntry(_Strict):
    """What a call becomes; the body of a rule, or one of its ``overloads``."""

    signature: str | None = None
    to: str | None = None
    rewrite: str | None = None
    args: dict[Name, str | list[str]] = Field(default_factory=dict)
    drop: dict[Name, str] = Field(default_factory=dict)
    refuse: dict[Name, str] = Field(default_factory=dict)
    defaults: dict[Name, str] = Field(default_factory=dict)
    positional: Literal["same", "none"] | int = "same"
    helper: str | None = None
    once: str | None = None
    base: str | None = None
    check: str | None = None
    around: dict[Name, str] = Field(default_factory=dict)
    assigned: str | dict[str, str] = Field(default_factory=dict)
    returns: str | None = None
    when: dict[Name, str] = Field(default_factory=dict)


class DifferenceEntry(_Strict):
    """A known numerical difference."""

    tensor: str
    when: str = "always"
    why: str
    correction: str = ""


class RuleEntry(ActionEntry):
    """One entry of a rule file."""

    api: str = Field(min_length=1)
    also: list[str] = Field(default_factory=list)
    overloads: list[ActionEntry] = Field(default_factory=list)
    output: str | None = None
    runs: str | None = None
    overrides: dict[Name, dict[str, str]] = Field(default_factory=dict)
    weights: dict[Name, str] = Field(default_factory=dict)
    differs: list[DifferenceEntry] = Field(default_factory=list)
    init: dict[Name, str] = Field(default_factory=dict)
    since: str | None = None
    status: Literal["translated", "unsupported"] = "translated"
    layout: Literal["", "free", "kept", "alike", "scaled"] = ""
    dtype: str = ""
    promotes: list[Name] = Field(default_factory=list)
    written: str = ""
    stores: str = ""
    shares: Literal["", "both", "source"] = ""
    note: str = ""
    hint: str = ""
    example: str = ""


class PackEntry(_Strict):
    """``pack.yaml``: one pair of frameworks."""

    source: str
    source_packages: list[str]
    target: str
    tensor: str
    module: str
    releases: list[str]
    modules: dict[str, str]
    aliases: dict[str, str] = Field(default_factory=dict)
    layouts: dict[str, str] = Field(default_factory=dict)
    owners: list[str] = Field(default_factory=list)
    shared_methods: list[str] = Field(default_factory=list)
    type_tests: dict[str, str] = Field(default_factory=dict)
    setters: dict[str, str] = Field(default_factory=dict)
    tensor_parameters: list[str] = Field(default_factory=list)
    tensor_keywords: list[str] = Field(default_factory=list)
    telling_calls: dict[str, list[str]] = Field(default_factory=dict)
    known_types: dict[str, str] = Field(default_factory=dict)
    helper_module: str
    distributions: dict[str, str] = Field(default_factory=dict)
    parameter: str = ""
    in_place: str = ""
    convert: str = ""
    overwrite: str = ""
    duplicate: str = ""
    saves: dict[str, Literal["tensor", "any"]] = Field(default_factory=dict)
    gradient: str = ""
    leaf: str = ""
