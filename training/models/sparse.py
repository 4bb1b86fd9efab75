"""Sparse × dense products that are cheap in both directions.

torch's own CSR product builds the transpose anew in every backward pass. The graphs here do not change
during training, so `SparseMatrix` keeps its transpose beside it, and a backward pass is one more product.
A product is a weighted sum of rows for each row, which is what `embedding_bag` computes: on a CPU it takes a
ninth of the time of the CSR product (tests/bench/graph_layers.py measures the layers above it).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.autograd import Function
from torch.nn import functional

__all__ = ["SparseMatrix", "compressed", "weighted_sums"]


@dataclass(frozen=True)
class SparseMatrix:
    """A constant [n, m] matrix in CSR form, with its transpose."""

    matrix: Tensor
    transpose: Tensor

    @classmethod
    def from_coordinates(cls, rows: Tensor, columns: Tensor, values: Tensor, shape: tuple[int, int]) -> SparseMatrix:
        """Build from int64 [e] coordinates and [e] values; repeated coordinates add up."""
        return cls(_csr(rows, columns, values, shape), _csr(columns, rows, values, (shape[1], shape[0])))

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.matrix.shape[0], self.matrix.shape[1]

    def coordinates(self) -> tuple[Tensor, Tensor, Tensor]:
        """Row, column and value of every entry."""
        sizes = self.matrix.crow_indices().diff()
        rows = torch.repeat_interleave(torch.arange(len(sizes), device=sizes.device), sizes)
        return rows, self.matrix.col_indices(), self.matrix.values()

    def to(self, device: torch.device | str, dtype: torch.dtype | None = None) -> SparseMatrix:
        """The same matrix on another device or in another precision."""
        return SparseMatrix(self.matrix.to(device=device, dtype=dtype), self.transpose.to(device=device, dtype=dtype))

    def __matmul__(self, dense: Tensor) -> Tensor:
        """[n, m] @ [m, d] -> [n, d]; the gradient reaches `dense` only."""
        product: Tensor = _Product.apply(self.matrix, self.transpose, dense)
        return product


class _Product(Function):
    @staticmethod
    def forward(ctx, matrix: Tensor, transpose: Tensor, dense: Tensor) -> Tensor:  # type: ignore[no-untyped-def]
        ctx.transpose = transpose
        return weighted_sums(matrix, dense.detach())  # else embedding_bag notes what its own way back would need

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[None, None, Tensor]:  # type: ignore[no-untyped-def]
        return None, None, weighted_sums(ctx.transpose, gradient.contiguous())


def weighted_sums(matrix: Tensor, dense: Tensor) -> Tensor:
    """matrix @ dense, for autograd functions that know their own way back.

    matrix: CSR [n, m]. dense: [m, d], contiguous.
    """
    return functional.embedding_bag(
        matrix.col_indices(),
        dense,
        matrix.crow_indices(),
        mode="sum",
        per_sample_weights=matrix.values(),
        include_last_offset=True,
    )


def compressed(starts: Tensor, columns: Tensor, values: Tensor, shape: tuple[int, int]) -> Tensor:
    """A CSR tensor of shape [n, m]. starts: int64 [n + 1]; columns: int64 [e], ascending in each row; values: [e]."""
    with _announcements_ignored():
        return torch.sparse_csr_tensor(starts, columns, values, shape)


def _csr(rows: Tensor, columns: Tensor, values: Tensor, shape: tuple[int, int]) -> Tensor:
    with _announcements_ignored():
        return torch.sparse_coo_tensor(torch.stack([rows, columns]), values, shape).coalesce().to_sparse_csr()


@contextmanager
def _announcements_ignored() -> Iterator[None]:
    """torch announces, once each, that CSR is in beta and that it takes indices unchecked; products are tested."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Sparse CSR tensor support is in beta state")
        warnings.filterwarnings("ignore", message="Sparse invariant checks are implicitly disabled")
        yield
