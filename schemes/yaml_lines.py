"""YAML that remembers on which line each thing stands, so that an error can name it."""

from pathlib import Path

import yaml

_KEPT_AS_TEXT = ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:float")


class LinedDict(dict):
    """A mapping with its own line and the line of each key, counted from 1."""

    def __init__(self, line: int):
        super().__init__()
        self.line = line
        self.lines: dict = {}


class LinedList(list):
    """A sequence with its own line and the line of each item, counted from 1."""

    def __init__(self, line: int):
        super().__init__()
        self.line = line
        self.lines: list[int] = []


class _Loader(yaml.SafeLoader):
    """Dates and decimals stay text: they are parsed where their meaning is known."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag not in _KEPT_AS_TEXT]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def _line(node) -> int:
    return node.start_mark.line + 1


def _mapping(loader, node):
    result = LinedDict(_line(node))
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in result:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {key!r} stands twice", key_node.start_mark
            )
        result[key] = loader.construct_object(value_node, deep=True)
        result.lines[key] = _line(key_node)
    return result


def _sequence(loader, node):
    result = LinedList(_line(node))
    for item in node.value:
        result.append(loader.construct_object(item, deep=True))
        result.lines.append(_line(item))
    return result


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_SEQUENCE_TAG, _sequence)


def load(path: Path):
    """Read one document. Raises yaml.YAMLError, whose mark names the line."""
    # A subclass of SafeLoader builds plain data only.
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 -- see above


def line_at(document, path) -> int:
    """Return the line of the thing at a path of keys and indexes, as deep as lines are known."""
    here, line = document, getattr(document, "line", 1)
    for step in path:
        if not isinstance(here, LinedDict | LinedList):
            break
        try:
            line, here = here.lines[step], here[step]
        except (LookupError, TypeError):
            break
    return line
