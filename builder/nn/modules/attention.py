"""Attention and transformer blocks. This text is printed into generated scripts, so it depends on torch alone.

Legend: N examples, L steps, M steps of a memory, F features, H heads, D features of a head.
A mask (N, L) holds 1 at the steps that count and 0 at padding.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Rotary(nn.Module):
    """Turns each pair of neighbouring features by an angle that grows with the step. Source: Su et al. 2021

    Input shape:  (…, L, D), D even
    Output shape: the same
    """

    def __init__(self, base: float = 10000.0):
        super().__init__()
        self.base = base

    def forward(self, x: Tensor) -> Tensor:
        length, width = x.shape[-2], x.shape[-1]
        rates = self.base ** (-torch.arange(0, width, 2, device=x.device, dtype=x.dtype) / width)
        angles = torch.arange(length, device=x.device, dtype=x.dtype).unsqueeze(1) * rates
        cos, sin, even, odd = angles.cos(), angles.sin(), x[..., 0::2], x[..., 1::2]
        return torch.stack((even * cos - odd * sin, even * sin + odd * cos), dim=-1).flatten(-2)


class Heads(nn.Module):
    """softmax(Q Kᵀ / √D) V for each head. Source: Vaswani et al. 2017

    Input shape:  query (N, L, F), key and value (N, M, F); allowed (N or 1, L or 1, M) says who may look at whom
    Output shape: (N, L, F)
    """

    needs = (Rotary,)

    def __init__(self, num_heads: int, dropout: float, rotary: bool):
        super().__init__()
        self.num_heads, self.dropout = num_heads, dropout
        self.rotary = Rotary() if rotary else nn.Identity()

    def forward(self, query: Tensor, key: Tensor, value: Tensor, allowed: Tensor | None = None) -> Tensor:
        query, key, value = (x.unflatten(2, (self.num_heads, -1)).transpose(1, 2) for x in (query, key, value))
        bias = None
        if allowed is not None:  # finite: a row that may look nowhere must not become NaN
            bias = torch.zeros_like(allowed, dtype=query.dtype).masked_fill(~allowed, -1e9).unsqueeze(1)
        dropout = self.dropout if self.training else 0.0
        x_NHLD = F.scaled_dot_product_attention(self.rotary(query), self.rotary(key), value, bias, dropout)
        return x_NHLD.transpose(1, 2).flatten(2)


class SelfAttention(nn.Module):
    """Every step looks at every step, or with `causal` at itself and those before it.

    Input shape:  x (N, L, F), perhaps a mask (N, L)
    Output shape: (N, L, F)
    Parameters:   those of torch.nn.MultiheadAttention
    """

    needs = (Heads,)

    def __init__(self, embed_dim: int, num_heads: int, dropout: float, bias: bool, causal: bool, rotary: bool):
        super().__init__()
        self.causal = causal
        self.in_proj_weight = nn.Parameter(torch.empty(3 * embed_dim, embed_dim))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * embed_dim)) if bias else None
        self.out_proj = nn.Linear(embed_dim, embed_dim, bias=bias)
        self.heads = Heads(num_heads, dropout, rotary)
        nn.init.xavier_uniform_(self.in_proj_weight)
        if bias:
            nn.init.zeros_(self.out_proj.bias)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        query, key, value = F.linear(x, self.in_proj_weight, self.in_proj_bias).chunk(3, dim=2)
        return self.out_proj(self.heads(query, key, value, self.allowed(x, mask)))

    def allowed(self, x: Tensor, mask: Tensor | None) -> Tensor | None:
        """(N or 1, L, L); a step may always look at itself, so that a row of padding alone gives numbers."""
        if mask is None and not self.causal:
            return None
        steps = torch.arange(x.shape[1], device=x.device)
        ahead = steps.unsqueeze(0) - steps.unsqueeze(1)
        allowed = (ahead <= 0 if self.causal else ahead == ahead).unsqueeze(0)
        return allowed if mask is None else (allowed & (mask > 0.5).unsqueeze(1)) | (ahead == 0)


class CrossAttention(nn.Module):
    """Every step of x looks at every step of a memory.

    Input shape:  x (N, L, F), memory (N, M, G), perhaps the memory's mask (N, M)
    Output shape: (N, L, F)
    """

    needs = (Heads,)

    def __init__(self, embed_dim: int, memory_dim: int, num_heads: int, dropout: float, bias: bool):
        super().__init__()
        self.query = nn.Linear(embed_dim, embed_dim, bias=bias)
        self.key = nn.Linear(memory_dim, embed_dim, bias=bias)
        self.value = nn.Linear(memory_dim, embed_dim, bias=bias)
        self.out_proj = nn.Linear(embed_dim, embed_dim, bias=bias)
        self.heads = Heads(num_heads, dropout, rotary=False)
        for projection in (self.query, self.key, self.value):
            nn.init.xavier_uniform_(projection.weight)

    def forward(self, x: Tensor, memory: Tensor, mask: Tensor | None = None) -> Tensor:
        allowed = None if mask is None else (mask > 0.5).unsqueeze(1)
        return self.out_proj(self.heads(self.query(x), self.key(memory), self.value(memory), allowed))
