"""The templates: projects to start from with one click, each with a data set, a model and settings that train well."""

from builder.catalogue.activations import Tanh
from builder.catalogue.layers import Dropout, Flatten, Linear, Reshape
from builder.spec.architectures import ARCHITECTURES
from builder.spec.sources import DownloadSource, SampleSource
from builder.spec.template import Template, convolutional, dense, stack, training

__all__ = ["TEMPLATES", "Template", "dense", "stack", "training"]

_PIXELS = {"height": 28, "width": 28, "color": "grayscale"}
_DENSE_784 = stack(Flatten(), *dense(128), Linear())
_CONV = stack(*convolutional(32, 64, hidden=128, dropout=0.5), Linear())

_ALL = (
    Template(
        "iris", "Iris flowers", "Tell three species from four lengths. 150 rows, trains in seconds.", "table",
        SampleSource(name="iris"), stack(*dense(32, 16, activation=Tanh), Linear()),
        training("multiclass", epochs=100, batch_size=16, lr=0.005, patience=50, weight_decay=1.0),
    ),
    Template(
        "wine", "Wine cultivars", "Tell three growers from 13 chemical measurements. 178 rows.", "table",
        SampleSource(name="wine"), stack(Dropout(p=0.2), *dense(64, dropout=0.3), Linear()),
        training("multiclass", epochs=60, batch_size=16, lr=0.003, patience=30, weight_decay=0.3),
    ),
    Template(
        "breast-cancer", "Breast cancer, yes or no", "A binary classifier 128 → 64 → 1 on 30 measurements of cell nuclei. 569 rows.", "table",
        SampleSource(name="breast-cancer"), stack(*dense(128, 64, dropout=0.3), Linear()),
        training("binary", epochs=60, batch_size=32, lr=0.001, patience=30, weight_decay=0.3),
    ),
    Template(
        "diabetes", "Diabetes progression", "Predict a number from ten measurements. 442 patients; noisy, as real data is.", "table",
        SampleSource(name="diabetes"), stack(*dense(32, dropout=0.2), Linear()),
        training("regression", epochs=100, batch_size=32, lr=0.002, patience=40, weight_decay=0.1),
    ),
    Template(
        "digits-mlp", "Handwritten digits, dense", "784 → 128 → 10 on small pictures of digits. 1,797 images.", "image",
        SampleSource(name="digits"), _DENSE_784,
        training("multiclass", epochs=60, batch_size=32, lr=0.002, patience=15), _PIXELS,
    ),
    Template(
        "digits-cnn", "Handwritten digits, convolutional", "conv 32 – pool – conv 64 – pool – 128 – 10. 1,797 images.", "image",
        SampleSource(name="digits"), _CONV,
        training("multiclass", epochs=18, batch_size=32, lr=0.002, patience=8, weight_decay=0.3), _PIXELS | {"height": 16, "width": 16},
    ),
    Template(
        "wide", "Wide table", "A classifier 128 → 64 → 10 on 1,000 made features: how to handle very many columns.", "table",
        SampleSource(name="wide"), stack(*dense(128, 64, dropout=0.3), Linear()),
        training("multiclass", epochs=60, batch_size=32, lr=0.001, patience=15),
    ),
    Template(
        "mnist-mlp", "MNIST, dense", "784 → 128 → 10 on 70,000 digits; downloads about 12 MB.", "image",
        DownloadSource(name="mnist"), _DENSE_784,
        training("multiclass", epochs=15, batch_size=128, lr=0.002, patience=5), _PIXELS,
    ),
    Template(
        "mnist-cnn", "MNIST, convolutional", "conv 32 – pool – conv 64 – pool – 128 – 10 on 70,000 digits; downloads about 12 MB.", "image",
        DownloadSource(name="mnist"), _CONV,
        training("multiclass", epochs=8, batch_size=128, lr=0.001, patience=3), _PIXELS,
    ),
    Template(
        "autoencoder", "Autoencoder", "64 → 128 → 64 → 8 and back: gives back small pictures of digits from 8 numbers. 1,797 images.", "image",
        SampleSource(name="digits"), stack(Flatten(), *dense(128, 64), *dense(8, activation=Tanh), *dense(64, 128), Linear(), Reshape(shape=(1, 8, 8))),
        training("reconstruction", epochs=60, batch_size=32, lr=0.002, patience=15),
        {"task": "reconstruction", "height": 8, "width": 8, "color": "grayscale"}, "architecture",
    ),
)  # fmt: skip

TEMPLATES: dict[str, Template] = {template.name: template for template in (*_ALL, *ARCHITECTURES)}
