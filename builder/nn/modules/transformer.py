"""Transformer blocks. This text is printed into generated scripts, so it depends on torch alone.

Legend: N examples, L steps, M steps of a memory, F features. A mask holds 1 at steps that count and 0 at padding.
"""

from torch import Tensor, nn

from builder.nn.modules.attention import CrossAttention, SelfAttention


class FeedForward(nn.Module):
    """Two Linear layers on each step. Input and output shape: (N, L, F)"""

    def __init__(self, d_model: int, dim_feedforward: int, dropout: float, activation: str):
        super().__init__()
        self.linear1 = nn.Linear(d_model, dim_feedforward)
        self.activation = {"relu": nn.ReLU, "gelu": nn.GELU, "silu": nn.SiLU}[activation]()
        self.dropout = nn.Dropout(dropout)
        self.linear2 = nn.Linear(dim_feedforward, d_model)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear2(self.dropout(self.activation(self.linear1(x))))


class Sublayer(nn.Module):
    """x + f(x) with LayerNorm before f (`norm_first`) or after the sum. Source: Vaswani 2017; Xiong et al. 2020"""

    def __init__(self, inner: nn.Module, d_model: int, dropout: float, norm_first: bool):
        super().__init__()
        self.inner, self.norm, self.dropout, self.norm_first = (
            inner,
            nn.LayerNorm(d_model),
            nn.Dropout(dropout),
            norm_first,
        )

    def forward(self, x: Tensor, *others: Tensor | None) -> Tensor:
        if self.norm_first:
            return x + self.dropout(self.inner(self.norm(x), *others))
        return self.norm(x + self.dropout(self.inner(x, *others)))


class TransformerEncoderLayer(nn.Module):
    """Self-attention, then two Linear layers on each step, each with a skip connection.

    Input shape:  x (N, L, F), perhaps a mask (N, L)
    Output shape: (N, L, F)
    """

    needs = (SelfAttention, FeedForward, Sublayer)

    def __init__(
        self, d_model: int, nhead: int, dim_feedforward: int, dropout: float, activation: str, norm_first: bool,
        causal: bool, rotary: bool,
    ):  # fmt: skip
        super().__init__()
        attention = SelfAttention(d_model, nhead, dropout, bias=True, causal=causal, rotary=rotary)
        feed_forward = FeedForward(d_model, dim_feedforward, dropout, activation)
        self.self_attention = Sublayer(attention, d_model, dropout, norm_first)
        self.feed_forward = Sublayer(feed_forward, d_model, dropout, norm_first)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        return self.feed_forward(self.self_attention(x, mask))


class TransformerDecoderLayer(nn.Module):
    """Causal self-attention, attention to a memory if there is one, then two Linear layers on each step.

    Input shape:  x (N, L, F), perhaps a memory (N, M, G) and the memory's mask (N, M)
    Output shape: (N, L, F)
    """

    needs = (SelfAttention, CrossAttention, FeedForward, Sublayer)

    def __init__(
        self, d_model: int, memory_dim: int | None, nhead: int, dim_feedforward: int, dropout: float, activation: str,
        norm_first: bool, rotary: bool,
    ):  # fmt: skip
        super().__init__()
        attention = SelfAttention(d_model, nhead, dropout, bias=True, causal=True, rotary=rotary)
        feed_forward = FeedForward(d_model, dim_feedforward, dropout, activation)
        self.self_attention = Sublayer(attention, d_model, dropout, norm_first)
        self.cross_attention = None
        if memory_dim is not None:
            attention = CrossAttention(d_model, memory_dim, nhead, dropout, bias=True)
            self.cross_attention = Sublayer(attention, d_model, dropout, norm_first)
        self.feed_forward = Sublayer(feed_forward, d_model, dropout, norm_first)

    def forward(self, x: Tensor, memory: Tensor | None = None, mask: Tensor | None = None) -> Tensor:
        x = self.self_attention(x)
        if self.cross_attention is not None:
            x = self.cross_attention(x, memory, mask)
        return self.feed_forward(x)
