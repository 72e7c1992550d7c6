"""Charts of an evaluation, and the text that goes into them."""

import base64

import numpy as np

from builder.ui.figures import confusion_figure, predicted_figure, residual_figure, roc_figure
from builder.ui.live_chart import packed, plain


def test_shares_in_the_confusion_matrix_are_of_the_true_class():
    (heatmap,), _ = confusion_figure(["a", "b"], [[3, 1], [0, 2]], as_share=True)
    assert heatmap["z"] == [[0.75, 0.25], [0.0, 1.0]]
    assert heatmap["text"] == [["75%", "25%"], ["0%", "100%"]]


def test_a_class_without_rows_divides_nothing_by_zero():
    (heatmap,), _ = confusion_figure(["a", "b"], [[0, 0], [0, 2]], as_share=False)
    assert heatmap["z"][0] == [0, 0] and heatmap["text"] == [[0, 0], [0, 2]]


def test_markup_in_names_reaches_charts_as_text():
    name = '<b>x</b><a href="javascript:alert(1)">y</a>'
    (heatmap,), _ = confusion_figure([name, "b"], [[1, 0], [0, 1]], as_share=False)
    traces, _ = roc_figure([{"name": name, "auc": 1.0, "fpr": [0, 1], "tpr": [0, 1]}])
    _, layout = predicted_figure([1.0, 2.0], [1.0, 2.0], name)
    for text in (heatmap["x"][0], traces[0]["name"], layout["xaxis"]["title"]["text"]):
        assert "<" not in text and plain(name) in text


def test_residuals_are_predicted_minus_true():
    (bars,), _ = residual_figure([1.0, 5.0], [2.0, 3.0], "y")
    assert np.frombuffer(base64.b64decode(bars["x"]["bdata"]), "f4").tolist() == [1.0, -2.0]


def test_numbers_travel_packed_with_gaps_where_nothing_is_known():
    values = np.frombuffer(base64.b64decode(packed([1.5, float("nan")])["bdata"]), "f4")
    assert values[0] == 1.5 and np.isnan(values[1])
    assert packed(np.array([1, 2]))["dtype"] == "i4" and packed([])["bdata"] == ""
