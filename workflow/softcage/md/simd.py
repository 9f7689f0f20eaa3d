"""Short vectors for Numba kernels: eight numbers that one instruction works on.

Numba vectorises a long loop over contiguous memory, but not the loop of molecular dynamics: one
particle against a list of groups of eight. With these a kernel says it outright, in arithmetic
that reads like that of single numbers::

    dx = broadcast(x[i]) - load(x, j)          # x[i] - x[j], ..., x[i] - x[j + 7]
    r2 = fma(dx, dx, fma(dy, dy, dz * dz))
    f = select(less(r2, load(cutoff2, j)), f, zero)

Every operation is the IEEE one of each lane, nothing is reordered or approximated, so that a
result is the same on every processor that has them. To be used inside ``njit`` functions only.
"""

from __future__ import annotations

import operator
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, overload, register_model

from softcage.md.kernel_cache import drop_stale_kernels, no_compiler

# Before any kernel is loaded: what calls into another file imports this one.
if said := no_compiler():
    raise OSError(said)
drop_stale_kernels()

LANES = 8

_IR: dict[Any, ir.Type] = {
    types.boolean: ir.IntType(1),
    types.int32: ir.IntType(32),
    types.int64: ir.IntType(64),
    types.float32: ir.FloatType(),
    types.float64: ir.DoubleType(),
}


class Vector(types.Type):
    """Numba type of ``LANES`` numbers of one type, a key of ``_IR``."""

    def __init__(self, element: Any) -> None:
        self.element = element
        self.ir = ir.VectorType(_IR[element], LANES)
        super().__init__(name=f"Vector({element})")


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, dmm, fe_type):
        super().__init__(dmm, fe_type, fe_type.ir)


def _pointer(context, builder, signature, args):
    """Return the address of LANES numbers that start at an index of a contiguous array."""
    array = context.make_array(signature.args[0])(context, builder, args[0])
    element = builder.gep(array.data, [args[1]])
    return builder.bitcast(element, Vector(signature.args[0].dtype).ir.as_pointer())


@intrinsic
def load(typingctx, array, start):
    """Return ``array[start : start + 8]`` of a contiguous 1-d array; nothing checks the bounds."""
    align = array.dtype.bitwidth // 8

    def codegen(context, builder, signature, args):
        return builder.load(_pointer(context, builder, signature, args), align=align)

    return Vector(array.dtype)(array, types.uintp), codegen


@intrinsic
def store(typingctx, array, start, vector):
    """Write ``vector`` to ``array[start : start + 8]``; nothing checks the bounds."""
    align = array.dtype.bitwidth // 8

    def codegen(context, builder, signature, args):
        builder.store(args[2], _pointer(context, builder, signature, args), align=align)
        return context.get_dummy_value()

    return types.void(array, types.uintp, Vector(array.dtype)), codegen


@intrinsic
def broadcast(typingctx, value):
    """Return a vector of eight times ``value``."""

    def codegen(context, builder, signature, args):
        undefined = ir.Constant(signature.return_type.ir, ir.Undefined)
        first = builder.insert_element(undefined, args[0], ir.Constant(ir.IntType(32), 0))
        zeros = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
        return builder.shuffle_vector(first, undefined, zeros)

    return Vector(value)(value), codegen


def _arithmetic(operation, integer, floating):
    @intrinsic
    def apply(typingctx, a, b):
        def codegen(context, builder, signature, args):
            name = floating if isinstance(a.element, types.Float) else integer
            return getattr(builder, name)(*args)

        return a(a, b), codegen

    @overload(operation)
    def overloaded(a, b):
        if isinstance(a, Vector) and a == b:
            return lambda a, b: apply(a, b)


_arithmetic(operator.add, "add", "fadd")
_arithmetic(operator.iadd, "add", "fadd")
_arithmetic(operator.sub, "sub", "fsub")
_arithmetic(operator.isub, "sub", "fsub")
_arithmetic(operator.mul, "mul", "fmul")
_arithmetic(operator.truediv, "sdiv", "fdiv")


@intrinsic
def _negative(typingctx, a):
    def codegen(context, builder, signature, args):
        return builder.fneg(args[0])

    return a(a), codegen


@overload(operator.neg)
def _overload_negative(a):
    if isinstance(a, Vector):
        return lambda a: _negative(a)


def _call(builder, name, result, args):
    function = cgutils.get_or_insert_function(
        builder.module, ir.FunctionType(result, [arg.type for arg in args]), name
    )
    return builder.call(function, args)


def _suffix(vector: Vector) -> str:
    letter = "f" if isinstance(vector.element, types.Float) else "i"
    return f"v{LANES}{letter}{vector.element.bitwidth}"


@intrinsic
def fma(typingctx, a, b, c):
    """Return a b + c, rounded once."""

    def codegen(context, builder, signature, args):
        return _call(builder, f"llvm.fma.{_suffix(a)}", a.ir, args)

    return a(a, b, c), codegen


@intrinsic
def maximum(typingctx, a, b):
    """Return the larger of ``a`` and ``b``, and ``b`` where either is NaN."""

    def codegen(context, builder, signature, args):
        return builder.select(builder.fcmp_ordered(">", *args), *args)

    return a(a, b), codegen


@intrinsic
def less(typingctx, a, b):
    """Return the mask a < b; False where either is NaN."""

    def codegen(context, builder, signature, args):
        return builder.fcmp_ordered("<", *args)

    return Vector(types.boolean)(a, b), codegen


@intrinsic
def both(typingctx, a, b):
    """Return the mask ``a`` and ``b``."""

    def codegen(context, builder, signature, args):
        return builder.and_(*args)

    return a(a, b), codegen


@intrinsic
def select(typingctx, mask, a, b):
    """Return ``a`` where ``mask``, else ``b``."""

    def codegen(context, builder, signature, args):
        return builder.select(*args)

    return a(mask, a, b), codegen


@intrinsic
def bits(typingctx, mask):
    """Return a mask as a number: lane k is bit k."""

    def codegen(context, builder, signature, args):
        byte = builder.bitcast(args[0], ir.IntType(LANES))
        return builder.zext(byte, ir.IntType(64))

    return types.uint64(mask), codegen


@intrinsic
def lowest_bit(typingctx, number):
    """Return the place of the lowest bit that is set in a uint64 other than 0."""

    def codegen(context, builder, signature, args):
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.uint64), codegen


@intrinsic
def to_float(typingctx, integers):
    """Return int32 as float32 and int64 as float64, rounded to nearest."""
    result = Vector(types.float32 if integers.element == types.int32 else types.float64)

    def codegen(context, builder, signature, args):
        return builder.sitofp(args[0], result.ir)

    return result(integers), codegen


@intrinsic
def to_float64(typingctx, vector):
    """Return numbers of any type as float64."""
    result = Vector(types.float64)

    def codegen(context, builder, signature, args):
        if vector == result:
            return args[0]
        if isinstance(vector.element, types.Float):
            return builder.fpext(args[0], result.ir)
        return builder.sitofp(args[0], result.ir)

    return result(vector), codegen


@intrinsic
def nearest(typingctx, vector):
    """Return the whole numbers nearest to floats (ties to even), as floats."""

    def codegen(context, builder, signature, args):
        return _call(builder, f"llvm.rint.{_suffix(vector)}", vector.ir, args)

    return vector(vector), codegen


@intrinsic
def to_integers(typingctx, vector, like):
    """Return floats rounded to nearest (ties to even) as integers of the type of array ``like``."""
    result = Vector(like.dtype)

    def codegen(context, builder, signature, args):
        name = f"llvm.lrint.{_suffix(result)}.{_suffix(vector)}"
        return _call(builder, name, result.ir, args[:1])

    return result(vector, like), codegen


@intrinsic
def total(typingctx, integers):
    """Return the sum of eight integers; it wraps, so its order does not matter."""

    def codegen(context, builder, signature, args):
        name = f"llvm.vector.reduce.add.{_suffix(integers)}"
        return _call(builder, name, _IR[integers.element], args)

    return integers.element(integers), codegen


@intrinsic
def largest(typingctx, floats):
    """Return the largest of eight floats."""

    def codegen(context, builder, signature, args):
        name = f"llvm.vector.reduce.fmax.{_suffix(floats)}"
        return _call(builder, name, _IR[floats.element], args)

    return floats.element(floats), codegen
