"""What the theme in .streamlit/config.toml cannot say: the wordmark and a few rules of CSS, all constant."""

import streamlit as st

_WORDMARK = """
<svg xmlns="http://www.w3.org/2000/svg" width="132" height="32" viewBox="0 0 132 32">
<g fill="none" stroke="#6366f1" stroke-width="2.6" stroke-linejoin="round" stroke-linecap="round">
<path d="M15 4 27 10.5 15 17 3 10.5Z" fill="#6366f1"/><path d="M3 16.3 15 22.8 27 16.3"/><path d="M3 22 15 28.5 27 22"/></g>
<text x="38" y="23" font-family="system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','Liberation Sans','DejaVu Sans',sans-serif"
 font-size="21" font-weight="700" letter-spacing="-0.4" fill="#6d70f3">Strata</text></svg>
"""

ICON = """
<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32" viewBox="0 0 30 32">
<g fill="none" stroke="#6366f1" stroke-width="2.6" stroke-linejoin="round" stroke-linecap="round">
<path d="M15 4 27 10.5 15 17 3 10.5Z" fill="#6366f1"/><path d="M3 16.3 15 22.8 27 16.3"/><path d="M3 22 15 28.5 27 22"/></g></svg>
"""

_CSS = """<style>
.st-key-in_url { display: none; }
.stMainBlockContainer { max-width: 1240px; }
/* The editor takes all the room there is. */
.stMainBlockContainer:has(.st-key-editor_head) { max-width: none; padding-left: 1.5rem; padding-right: 1.5rem; }
[data-testid="stMetricValue"], [data-testid="stMarkdownContainer"] { font-variant-numeric: tabular-nums; }
h1 { letter-spacing: -0.02em; }
:is(h2, h3):not([role="dialog"] *) { padding-top: 0.35rem !important; }
/* Dialogs hang outside of what tells dark from light. */
[role="dialog"] { color-scheme: light dark; }
h1 a, h2 a, h3 a, h4 a { display: none !important; }
/* On the light accent of the dark theme white letters would be too faint to read. */
button[kind^="primary"]:not(:disabled), button[kind^="primary"]:not(:disabled) *,
[data-testid="stMultiSelect"] [data-tag] * { color: light-dark(#ffffff, #0f1119); }
/* Streamlit's colours of code are too faint to read on either background. */
pre .token { color: light-dark(#171a2b, #e8eaf4) !important; }
pre .token:is(.comment, .punctuation) { color: light-dark(#5b6072, #a3a8bd) !important; }
pre .token:is(.keyword, .class-name, .function, .boolean) { color: light-dark(#4338ca, #b8c0ff) !important; }
pre .token:is(.string, .number) { color: light-dark(#0f6b4f, #6ee7b7) !important; }
[data-testid="stCaptionContainer"] { color: light-dark(#5b6072, #a3a8bd); opacity: 1; }
[class*="st-key-card_"] { transition: border-color 120ms, box-shadow 120ms; }
[class*="st-key-card_"]:hover { border-color: light-dark(#4f46e5, #7c83ff); box-shadow: 0 2px 12px rgb(79 70 229 / 12%); }
[class*="st-key-gallery_"] img { image-rendering: pixelated; border-radius: 0.4rem; }
.st-key-metric_cards [data-testid="stMetricDelta"] { font-size: 0.8rem; }
/* Figures that wrap stay together. */
.st-key-totals, .st-key-live_figures, .st-key-proof_figures { row-gap: 0.75rem; }
/* What a fix does is read in full on a phone too. */
.st-key-doctor button { height: auto; }
.st-key-doctor button p { white-space: normal; text-align: left; }
@media (max-width: 640px) {
  .st-key-sizes [data-testid="stMetricValue"] { font-size: 1.2rem; }
  .st-key-toolbar [data-testid="stMarkdownContainer"] + span, .st-key-toolbar kbd { display: none; }
  .st-key-metric_cards > div { flex: 1 1 40%; }
  [class*="st-key-head_"] { flex-wrap: wrap; }
  [class*="st-key-head_"] > div:first-child { flex: 1 1 100%; }
  .stMainBlockContainer { padding-left: 1rem; padding-right: 1rem; }
  .st-key-sizes [data-testid="stColumn"] { min-width: calc(50% - 1rem); flex: 1 1 40%; }
}
</style>"""


def apply_style() -> None:
    """Before anything else on the page."""
    st.logo(_WORDMARK, size="large")
    st.html(_CSS)
