"""Short vectors for Numba kernels: a few numbers that one instruction processes.

Numba vectorises a long loop over contiguous memory, but not the loop of molecular dynamics over
pairs of a particle and a group of particles. With these vectors a kernel is vectorised explicitly,
in arithmetic that reads like that of single numbers::

    dx = broadcast(x[i]) - load(x, j)          # x[i] - x[j], ..., x[i] - x[j + 7]
    r2 = fma(dx, dx, fma(dy, dy, dz * dz))
    f = where(less(r2, load(cutoff2, j)), f, zero)

Every operation is the IEEE operation of each lane. Nothing is reordered or approximated, so that a
result is the same on every processor. ``load`` and ``broadcast`` make vectors of ``LANES`` numbers
on any machine; ``load_full`` and ``broadcast_full`` make vectors that fill one of its registers,
for kernels whose results do not depend on the number of lanes. All are for use inside ``njit``
functions only.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.registry import cpu_target
from numba.extending import intrinsic, models, overload, register_model

LANES = 8
# Number of bytes that an instruction processes: 64 with AVX-512 on AMD's processors; 32 on those of
# Intel, which have two units for 64 bytes and three for 32; 32 with AVX2; and 32 on ARM, where they
# are two registers.
_, _PROCESSOR, _FEATURES = cpu_target.target_context.codegen().magic_tuple()
AVX_512 = "+avx512dq" in _FEATURES
REGISTER = 64 if AVX_512 and _PROCESSOR.startswith("znver") else 32

_IR: dict[Any, ir.Type] = {
    types.boolean: ir.IntType(1),
    types.int32: ir.IntType(32),
    types.int64: ir.IntType(64),
    types.float32: ir.FloatType(),
    types.float64: ir.DoubleType(),
}


def full_lanes(dtype: Any) -> int:
    """Return how many numbers of a NumPy type fill a register."""
    return REGISTER // np.dtype(dtype).itemsize


class Vector(types.Type):
    """Numba type of a vector of ``lanes`` numbers of one type, which is a key of ``_IR``."""

    def __init__(self, element: Any, lanes: int) -> None:
        self.element = element
        self.lanes = lanes
        self.ir = ir.VectorType(_IR[element], lanes)
        super().__init__(name=f"Vector({element}, {lanes})")


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, dmm, fe_type):
        super().__init__(dmm, fe_type, fe_type.ir)


def _pointer(context, builder, vector, array_type, array, start):
    """Return the address of the numbers of a vector that start at an index of an array."""
    data = context.make_array(array_type)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [start]), vector.ir.as_pointer())


def _load_vector(context, builder, vector, array_type, array, start):
    """Return the numbers of a vector that start at an index of an array."""
    address = _pointer(context, builder, vector, array_type, array, start)
    return builder.load(address, align=array_type.dtype.bitwidth // 8)


def _repeat(builder, vector, value):
    """Return a vector that repeats a number."""
    undefined = ir.Constant(vector.ir, ir.Undefined)
    first = builder.insert_element(undefined, value, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(first, undefined, _lane_numbers(vector.lanes * [0]))


def _lane_numbers(numbers):
    """Return the constant that says which lanes of two vectors a shuffle takes."""
    return ir.Constant(ir.VectorType(ir.IntType(32), len(numbers)), numbers)


def _load_and_broadcast(lanes_of):
    """Return load and broadcast for vectors of ``lanes_of(type)`` lanes."""

    @intrinsic
    def load(typingctx, array, start):
        """Return numbers of a contiguous 1-d array from ``start`` on; bounds are not checked."""
        vector = Vector(array.dtype, lanes_of(array.dtype))

        def codegen(context, builder, signature, args):
            return _load_vector(context, builder, vector, array, *args)

        return vector(array, types.uintp), codegen

    @intrinsic
    def broadcast(typingctx, value):
        """Return a vector that repeats ``value``."""
        vector = Vector(value, lanes_of(value))

        def codegen(context, builder, signature, args):
            return _repeat(builder, vector, args[0])

        return vector(value), codegen

    return load, broadcast


load, broadcast = _load_and_broadcast(lambda element: LANES)
load_full, broadcast_full = _load_and_broadcast(lambda element: 8 * REGISTER // element.bitwidth)


@intrinsic
def load_like(typingctx, array, start, like):
    """Return numbers of a contiguous 1-d array from ``start`` on, as many as ``like`` has lanes."""
    vector = Vector(array.dtype, like.lanes)

    def codegen(context, builder, signature, args):
        return _load_vector(context, builder, vector, array, *args[:2])

    return vector(array, types.uintp, like), codegen


@intrinsic
def broadcast_like(typingctx, value, like):
    """Return a vector that repeats ``value``, with as many lanes as ``like``."""
    vector = Vector(value, like.lanes)

    def codegen(context, builder, signature, args):
        return _repeat(builder, vector, args[0])

    return vector(value, like), codegen


@intrinsic
def store(typingctx, array, start, vector):
    """Write ``vector`` to a contiguous 1-d array from ``start`` on; bounds are not checked."""

    def codegen(context, builder, signature, args):
        address = _pointer(context, builder, vector, array, *args[:2])
        builder.store(args[2], address, align=array.dtype.bitwidth // 8)
        return context.get_dummy_value()

    return types.void(array, types.uintp, Vector(array.dtype, vector.lanes)), codegen


@intrinsic
def zeros(typingctx, vector):
    """Return a vector of zeros like ``vector``."""

    def codegen(context, builder, signature, args):
        return ir.Constant(vector.ir, None)

    return vector(vector), codegen


def lanes(array: np.ndarray) -> np.unsignedinteger:
    """Return the number of elements of an array that fill a register."""
    return np.uint64(full_lanes(array.dtype))


@overload(lanes)
def _overload_lanes(array):
    number = 8 * REGISTER // array.dtype.bitwidth
    return lambda array: np.uint64(number)


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
    return f"v{vector.lanes}{letter}{vector.element.bitwidth}"


@intrinsic
def fma(typingctx, a, b, c):
    """Return a b + c, rounded once."""

    def codegen(context, builder, signature, args):
        return _call(builder, f"llvm.fma.{_suffix(a)}", a.ir, args)

    return a(a, b, c), codegen


@intrinsic
def square_root(typingctx, vector):
    """Return the square roots."""

    def codegen(context, builder, signature, args):
        return _call(builder, f"llvm.sqrt.{_suffix(vector)}", vector.ir, args)

    return vector(vector), codegen


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
        floating = isinstance(a.element, types.Float)
        return (builder.fcmp_ordered if floating else builder.icmp_signed)("<", *args)

    return Vector(types.boolean, a.lanes)(a, b), codegen


@intrinsic
def both(typingctx, a, b):
    """Return the bits that are set in both masks, or in both vectors of integers."""

    def codegen(context, builder, signature, args):
        return builder.and_(*args)

    return a(a, b), codegen


@intrinsic
def where(typingctx, mask, a, b):
    """Return ``a`` where ``mask`` is set, ``b`` otherwise."""

    def codegen(context, builder, signature, args):
        return builder.select(*args)

    return a(mask, a, b), codegen


@intrinsic
def bits(typingctx, mask):
    """Return a mask as a number: lane k is bit k."""

    def codegen(context, builder, signature, args):
        number = builder.bitcast(args[0], ir.IntType(mask.lanes))
        return builder.zext(number, ir.IntType(64))

    return types.uint64(mask), codegen


@intrinsic
def lowest_bit(typingctx, number):
    """Return the place of the lowest bit that is set in a uint64 other than 0."""

    def codegen(context, builder, signature, args):
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.uint64), codegen


@intrinsic
def count_bits(typingctx, number):
    """Return how many bits are set in a uint64."""

    def codegen(context, builder, signature, args):
        return builder.ctpop(args[0])

    return types.uint64(types.uint64), codegen


@intrinsic
def to_float(typingctx, integers):
    """Return int32 as float32, rounded to nearest."""
    result = Vector(types.float32, integers.lanes)

    def codegen(context, builder, signature, args):
        return builder.sitofp(args[0], result.ir)

    return result(integers), codegen


@intrinsic
def to_float64(typingctx, vector):
    """Return int32, float32 or float64 as float64."""
    result = Vector(types.float64, vector.lanes)

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
def fixed_coordinate(typingctx, position, like):
    """Return positions in units of the box as coordinates of the type of array ``like``.

    int32: multiples of box / 2^32, so that the box is the range of the type. float64: fractions of
    the box, -1/2 to 1/2, in multiples of box / 2^52.
    """
    result = Vector(like.dtype, position.lanes)
    large = 1.5 * 2.0**20 if like.dtype == types.int32 else 1.5  # its spacing is one multiple

    def codegen(context, builder, signature, args):
        image = _call(builder, f"llvm.rint.{_suffix(position)}", position.ir, args[:1])
        constant = ir.Constant(position.ir, [large] * position.lanes)
        number = builder.fadd(builder.fsub(args[0], image), constant)
        if result == position:
            return builder.fsub(number, constant)
        whole = builder.bitcast(number, Vector(types.int64, position.lanes).ir)
        return builder.trunc(whole, result.ir)  # the lowest 32 bits of the constant are 0

    return result(position, like), codegen


def nearest_image(difference):
    """Return the nearest image of the difference of two coordinates, as float32 or float64."""


def nearest_image64(difference):
    """Return the nearest image of the difference of two coordinates, as float64."""


@overload(nearest_image)
def _overload_nearest_image(difference):
    if isinstance(difference.element, types.Integer):  # integers have wrapped around
        return lambda difference: to_float(difference)
    return lambda difference: difference - nearest(difference)


@overload(nearest_image64)
def _overload_nearest_image64(difference):
    if isinstance(difference.element, types.Integer):
        return lambda difference: to_float64(difference)
    return lambda difference: difference - nearest(difference)


# Float64 numbers of this size have a spacing of 1. A number added to this one is rounded to
# nearest, ties to even, and the difference between their bits is that whole number. AVX2 has no
# instruction for this.
_STEPS_OF_ONE = 1.5 * 2.0**52
EXACT_INTEGER = 2.0**51  # the conversion is right up to here


@intrinsic
def rounded(typingctx, vector, like):
    """Return floats rounded to nearest (ties to even) as numbers of the type of array ``like``.

    float32 as int32, float64 as whole numbers in float64 or, up to EXACT_INTEGER, as int64.
    """
    result = Vector(like.dtype, vector.lanes)

    def codegen(context, builder, signature, args):
        if result.element != types.int64:
            name = "rint" if vector == result else f"lrint.{_suffix(result)}"
            return _call(builder, f"llvm.{name}.{_suffix(vector)}", result.ir, args[:1])
        large = ir.Constant(vector.ir, [_STEPS_OF_ONE] * vector.lanes)
        number = builder.bitcast(builder.fadd(args[0], large), result.ir)
        return builder.sub(number, builder.bitcast(large, result.ir))

    return result(vector, like), codegen


@intrinsic
def total(typingctx, vector):
    """Return the sum over the lanes: of integers, which wraps, or of floats whose sum is exact.

    In either case the order does not matter.
    """

    def codegen(context, builder, signature, args):
        element, suffix = _IR[vector.element], _suffix(vector)
        if isinstance(vector.element, types.Integer):
            return _call(builder, f"llvm.vector.reduce.add.{suffix}", element, args)
        function = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(element, [element, vector.ir]),
            f"llvm.vector.reduce.fadd.{suffix}",
        )
        return builder.call(function, [ir.Constant(element, 0.0), *args], fastmath=["reassoc"])

    return vector.element(vector), codegen


@intrinsic
def totals(typingctx, array, start):
    """Return the totals of consecutive vectors of an array, as many as a vector has lanes.

    Halves of two vectors are added at a time, then quarters, which takes fewer operations than a
    ``total`` for each vector.
    """
    lanes = 8 * REGISTER // array.dtype.bitwidth
    vector = Vector(array.dtype, lanes)

    def codegen(context, builder, signature, args):
        add = builder.fadd if isinstance(vector.element, types.Float) else builder.add
        places = [builder.add(args[1], args[1].type(k * lanes)) for k in range(lanes)]
        sums = [_load_vector(context, builder, vector, array, args[0], place) for place in places]
        while (half := len(sums) // 2) > 0:
            # Lanes whose number has this bit come from the second of the two vectors.
            first = [k + lanes - half if k & half else k for k in range(lanes)]
            masks = [_lane_numbers([k + step for k in first]) for step in (0, half)]
            sums = [
                add(*(builder.shuffle_vector(*two, mask) for mask in masks))
                for two in zip(sums[:half], sums[half:], strict=True)
            ]
        return sums[0]

    return vector(array, types.uintp), codegen


@intrinsic
def largest(typingctx, floats):
    """Return the largest lane of a vector of floats."""

    def codegen(context, builder, signature, args):
        name = f"llvm.vector.reduce.fmax.{_suffix(floats)}"
        return _call(builder, name, _IR[floats.element], args)

    return floats.element(floats), codegen
