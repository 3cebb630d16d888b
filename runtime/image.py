"""A picture of an object graph as bytes, and the graph again: plain classes, Structs, containers; who is who is kept.

Two equal graphs have the same picture whatever the hash seed, so pictures can be compared bit by bit. A picture is
read back only by the very program that took it: it holds the names of classes and the values of fields, and nothing
of what either meant. It runs no code but that of constructors of values.
"""

from __future__ import annotations

import functools
import importlib
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator
from enum import Enum
from types import FunctionType, MethodType
from typing import Any

import msgspec

STEP = 500
"""Objects pictured between two rests."""
TYPE_ARGUMENTS = "__orig_class__"
"""What `Newest[Key, Value](…)` notes of itself; nothing depends on it."""
_ATOMS = frozenset({type(None), bool, str, bytes, float})
_I64 = 1 << 63
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder().decode


class Tag:
    """The first word of a list in a picture: values first, which stand where they stood, then objects."""

    REF = 0
    TUPLE = 1
    ENUM = 2
    VALUE = 3
    NAMED = 4
    FROZEN = 5
    BIG = 6
    NAME = 7
    BOUND = 8
    FROZENSET = 9
    OBJECT = 10
    STRUCT = 11
    LIST = 12
    DICT = 13
    SET = 14
    DEQUE = 15
    ORDERED = 16
    DEFAULT = 17
    NATIVE = 18


class ImageError(ValueError):
    """Something that has no picture, or a picture that shows nothing of this program."""


@functools.cache
def _native_decoder(cls: type) -> Callable[[bytes], Any] | None:
    """How a Struct is read that msgspec writes and reads by itself without loss; None: field by field."""
    try:
        is_native = _is_of_values(msgspec.inspect.type_info(cls), top=True)
    except (TypeError, NameError):
        return None
    return msgspec.msgpack.Decoder(cls).decode if is_native else None


def _is_of_values(info: msgspec.inspect.Type, top: bool = False) -> bool:
    """Whether nothing in it can change, or be something else than its type says."""
    if isinstance(info, msgspec.inspect.StructType):
        frozen = info.cls.__struct_config__.frozen
        return (top or frozen) and all(_is_of_values(field.type) for field in info.fields)
    if isinstance(info, msgspec.inspect.UnionType):
        return all(_is_of_values(each) for each in info.types)
    if isinstance(info, msgspec.inspect.TupleType):
        return all(_is_of_values(each) for each in info.item_types)
    if isinstance(info, msgspec.inspect.VarTupleType):
        return _is_of_values(info.item_type)
    return isinstance(
        info,
        msgspec.inspect.NoneType
        | msgspec.inspect.BoolType
        | msgspec.inspect.IntType
        | msgspec.inspect.FloatType
        | msgspec.inspect.StrType
        | msgspec.inspect.BytesType
        | msgspec.inspect.EnumType
        | msgspec.inspect.LiteralType,
    )


class Painter:
    """Takes the picture of one graph; `work` does it in steps, during which the graph must not change."""

    def __init__(self, root: dict[str, Any]) -> None:
        self._classes: dict[str, int] = {}
        self._places: dict[int, int] = {}
        self._objects: list[Any] = []
        """Kept, so that no number of theirs is given to another."""
        self._nodes: list[Any] = []
        self._root = {name: self._value(root[name]) for name in sorted(root)}

    def work(self) -> Iterator[None]:
        """Go on; every rest comes after `STEP` objects. Raises ImageError."""
        while len(self._nodes) < len(self._objects):
            self._nodes.append(self._node(self._objects[len(self._nodes)]))
            if len(self._nodes) % STEP == 0:
                yield

    def picture(self) -> bytes:
        """The whole picture. Raises ImageError."""
        for _ in self.work():
            pass
        return _pack([list(self._classes), self._nodes, self._root])

    def _class(self, cls: type) -> int:
        return self._classes.setdefault(_name_of(cls), len(self._classes))

    def _ref(self, value: Any) -> list[int]:
        place = self._places.get(id(value))
        if place is None:
            place = self._places[id(value)] = len(self._objects)
            self._objects.append(value)
        return [Tag.REF, place]

    def _value(self, value: Any) -> Any:
        """What stands where the value stood: itself, a tagged list, or the place of an object."""
        kind = type(value)
        if kind in _ATOMS:
            return value
        if kind is int:
            return value if -_I64 <= value < _I64 else [Tag.BIG, str(value)]
        if kind is tuple:
            return [Tag.TUPLE, *map(self._value, value)]
        if isinstance(value, Enum):
            return [Tag.ENUM, self._class(kind), value.value]
        if isinstance(value, msgspec.Struct):
            return self._struct(kind, value)
        if isinstance(value, tuple):
            return [Tag.NAMED, self._class(kind), *map(self._value, value)]
        if kind is frozenset:
            return [Tag.FROZENSET, *sorted(map(self._value, value), key=_pack)]
        if isinstance(value, type | FunctionType):
            return [Tag.NAME, _name_of(value)]
        if isinstance(value, MethodType):
            return [Tag.BOUND, self._value(value.__self__), value.__func__.__name__]
        return self._ref(value)

    def _struct(self, kind: type, value: msgspec.Struct) -> Any:
        if not kind.__struct_config__.frozen:  # type: ignore[attr-defined]
            return self._ref(value)
        if _native_decoder(kind) is not None:
            return [Tag.VALUE, self._class(kind), _pack(value)]
        return [
            Tag.FROZEN,
            self._class(kind),
            *(self._value(getattr(value, f)) for f in value.__struct_fields__),
        ]

    def _node(self, value: Any) -> list[Any]:
        """An object that can change, with what it holds."""
        kind: type = type(value)
        if kind is dict:
            return [Tag.DICT, *self._pairs(value)]
        if kind is list:
            return [Tag.LIST, *map(self._value, value)]
        if kind is set:
            return [Tag.SET, *sorted(map(self._value, value), key=_pack)]
        if kind is OrderedDict:
            return [Tag.ORDERED, *self._pairs(value)]
        if kind is deque:
            return [Tag.DEQUE, value.maxlen, *map(self._value, value)]
        if kind is defaultdict:
            return [Tag.DEFAULT, self._value(value.default_factory), *self._pairs(value)]
        if isinstance(value, msgspec.Struct):
            if _native_decoder(kind) is not None:
                return [Tag.NATIVE, self._class(kind), _pack(value)]
            held = (self._value(getattr(value, name)) for name in value.__struct_fields__)
            return [Tag.STRUCT, self._class(kind), *held]
        if not hasattr(value, "__dict__") or any(vars(cls).get("__slots__") for cls in kind.__mro__):
            raise ImageError(f"{kind.__module__}.{kind.__qualname__} has no picture")
        fields = {name: self._value(v) for name, v in vars(value).items() if name != TYPE_ARGUMENTS}
        return [Tag.OBJECT, self._class(kind), fields]

    def _pairs(self, mapping: dict[Any, Any]) -> Iterator[Any]:
        for key, value in mapping.items():
            yield self._value(key)
            yield self._value(value)


def picture(root: dict[str, Any]) -> bytes:
    """The picture of these named things and of all they hold. Raises ImageError."""
    return Painter(root).picture()


def revive(image: bytes) -> dict[str, Any]:
    """What is on a picture, alive again. Raises ImageError."""
    try:
        classes, nodes, root = _unpack(image)
        return _Reviver(classes, nodes).all(root)
    except (msgspec.DecodeError, msgspec.ValidationError, ValueError, TypeError, LookupError) as error:
        raise ImageError(f"not a picture of this program: {error}") from error
    except (AttributeError, ImportError, RecursionError) as error:
        raise ImageError(f"not a picture of this program: {error}") from error


class _Reviver:
    """Objects by their place, each made when it is first met and filled when all are there."""

    def __init__(self, classes: list[str], nodes: list[Any]) -> None:
        self._classes = [_named(name) for name in classes]
        self._nodes = nodes
        self._objects: list[Any] = [self._shell(node) for node in nodes]

    def all(self, root: dict[str, Any]) -> dict[str, Any]:
        """The named things."""
        for node, made in zip(self._nodes, self._objects, strict=True):
            self._fill(node, made)
        return {name: self._value(value) for name, value in root.items()}

    def _shell(self, node: list[Any]) -> Any:
        match node[0]:
            case Tag.OBJECT:
                cls = self._classes[node[1]]
                return cls.__new__(cls)
            case Tag.STRUCT:
                cls = self._classes[node[1]]
                return cls(**dict.fromkeys(cls.__struct_fields__))
            case Tag.LIST:
                return []
            case Tag.DICT:
                return {}
            case Tag.SET:
                return set()
            case Tag.DEQUE:
                return deque(maxlen=node[1])
            case Tag.ORDERED:
                return OrderedDict()
            case Tag.DEFAULT:
                return defaultdict()
            case Tag.NATIVE:
                return self._native(node)
        raise ImageError(f"no object of kind {node[0]}")

    def _native(self, node: list[Any]) -> Any:
        cls = self._classes[node[1]]
        decode = _native_decoder(cls)
        if decode is None:
            raise ImageError(f"{cls} cannot be read by itself")
        return decode(node[2])

    def _fill(self, node: list[Any], made: Any) -> None:
        match node[0]:
            case Tag.OBJECT:
                vars(made).update((name, self._value(value)) for name, value in node[2].items())
            case Tag.STRUCT:
                for name, value in zip(made.__struct_fields__, node[2:], strict=True):
                    setattr(made, name, self._value(value))
            case Tag.LIST:
                made.extend(map(self._value, node[1:]))
            case Tag.DICT | Tag.ORDERED:
                made.update(self._pairs(node[1:]))
            case Tag.SET:
                made.update(map(self._value, node[1:]))
            case Tag.DEQUE:
                made.extend(map(self._value, node[2:]))
            case Tag.DEFAULT:
                made.default_factory = self._value(node[1])
                made.update(self._pairs(node[2:]))

    def _pairs(self, flat: list[Any]) -> Iterator[tuple[Any, Any]]:
        for at in range(0, len(flat), 2):
            yield self._value(flat[at]), self._value(flat[at + 1])

    def _value(self, value: Any) -> Any:
        if type(value) is not list:
            return value
        match value[0]:
            case Tag.REF:
                return self._objects[value[1]]
            case Tag.TUPLE:
                return tuple(map(self._value, value[1:]))
            case Tag.ENUM:
                return self._classes[value[1]](value[2])
            case Tag.VALUE:
                return self._native(value)
            case Tag.NAMED:
                return self._classes[value[1]](*map(self._value, value[2:]))
            case Tag.FROZEN:
                cls = self._classes[value[1]]
                return cls(**dict(zip(cls.__struct_fields__, map(self._value, value[2:]), strict=True)))
            case Tag.BIG:
                return int(value[1])
            case Tag.NAME:
                return _named(value[1])
            case Tag.BOUND:
                return getattr(self._value(value[1]), value[2])
            case Tag.FROZENSET:
                return frozenset(map(self._value, value[1:]))
        raise ImageError(f"no value of kind {value[0]}")


def _name_of(what: type | FunctionType) -> str:
    """Where it is found again. Raises ImageError for what has no place of its own."""
    name = f"{what.__module__}:{what.__qualname__}"
    if "<" in name:
        raise ImageError(f"{name} cannot be found again")
    return name


def _named(name: str) -> Any:
    module, _, path = name.partition(":")
    found: Any = importlib.import_module(module)
    for part in path.split("."):
        found = getattr(found, part)
    return found
