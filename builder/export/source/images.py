"""The part of the script that reads images: the files, their classes, the split, the fitted preprocessing."""

import inspect
from pathlib import PurePosixPath
from pprint import pformat

from builder.data.dataset import ImageDataset
from builder.data.images import augment as augmenting
from builder.data.images import decode
from builder.data.images.archive import IGNORED
from builder.data.images.idx import label_names
from builder.data.splitting import deal
from builder.nn.fitting import ImagePreprocessing
from builder.nn.inputs import ImageInput
from builder.spec.data import ImageData

IMPORTS = (
    "import gzip", "import warnings", "import zipfile", "from io import BytesIO", "from pathlib import Path, PurePosixPath",
    "from types import SimpleNamespace", "from PIL import Image, ImageOps, UnidentifiedImageError",
)  # fmt: skip

_FILES = '''
def read_images(path):
    """(pixels (H, W, C) uint8, class name, whether it belongs to a given test set) for each readable image."""
    path = Path(path)
    if path.is_dir():
        names = sorted(file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_file())
        yield from _read_all(names, lambda name: (path / name).read_bytes())
        return
    with zipfile.ZipFile(path) as archive:
        names = sorted(member.filename for member in archive.infolist() if not member.is_dir())
        yield from _read_all(names, archive.read)


def _read_all(names, read):
    for name in names:
        parts = PurePosixPath(name).parts
        is_hidden = any(part.startswith(".") or part.casefold() in IGNORED for part in parts)
        if not is_hidden and name not in SKIPPED and len(parts) > CLASS_PART + 1 and parts[CLASS_PART] in CLASSES:
            is_test = HAS_TEST_FOLDER and parts[CLASS_PART - 1].casefold() in ("test", "testing")
            yield read_image(read(name), COLOR), parts[CLASS_PART], is_test
'''

_IDX = '''
def read_images(path):
    """(pixels (H, W, C) uint8, class name, whether it belongs to the given test set) for each image of the IDX files."""
    for part in ("train", "t10k"):
        found = [find(Path(path), part, role) for role in ("images", "labels")]
        if None not in found:
            pixels, labels = read_idx(found[0], 3), read_idx(found[1], 1)
            channels = 3 if COLOR == "rgb" else 1
            for image, label in zip(pixels, labels.tolist(), strict=True):
                name = LABEL_NAMES[label] if label < len(LABEL_NAMES) else str(label)
                yield np.repeat(image[:, :, None], channels, axis=2), name, part == "t10k"


def find(folder, part, role):
    ending = {"images": "idx3-ubyte", "labels": "idx1-ubyte"}[role]
    names = [f"{part}-{role}{dot}{ending}{packed}" for dot in "-." for packed in ("", ".gz")]
    return next((folder / name for name in names if (folder / name).is_file()), None)


def read_idx(path, axes):
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    shape = np.frombuffer(content, ">u4", axes, 4).astype(int)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * axes).reshape(shape)
'''

_LOAD = '''
def load(path):
    """(pixels resized (N, C, H, W) in grey levels, class numbers), and the rows of training, validation and test."""
    pixels, labels, tests, resize = [], [], [], input_module().resize
    for image, name, is_test in read_images(path):
        pixels.append(resize(torch.from_numpy(image.copy()).unsqueeze(0)))
        labels.append(CLASSES.index(name))
        tests.append(is_test)
    pixels, labels, tests = torch.cat(pixels), np.array(labels), np.array(tests)
    return pixels, torch.from_numpy(labels), [torch.from_numpy(part) for part in split(labels, tests)]


def split(labels, tests):
    if KEEP_GIVEN_TEST and tests.any():
        rows, whole = np.flatnonzero(~tests), SPLIT[0] + SPLIT[1]
        shares = (SPLIT[0] / whole, SPLIT[1] / whole)
        return [*deal(rows, labels[rows] if STRATIFY else None, shares, SPLIT_SEED), np.flatnonzero(tests)]
    return deal(np.arange(len(labels)), labels if STRATIFY else None, SPLIT, SPLIT_SEED)
'''

_AUGMENT = '''
def sample_rng(seed, epoch, index):
    return np.random.default_rng((seed, epoch, index))


def augmented(pixels, rows, epoch):
    """Each image changed at random by seed, epoch and row, so that a run can be repeated."""
    images = []
    for row in rows.tolist():
        image, rng = pixels[row].permute(1, 2, 0).numpy().astype(np.float32), sample_rng(SEED, epoch, row)
        for change, settings in AUGMENTATIONS:
            image = change(image, settings, rng)
        images.append(np.ascontiguousarray(image))
    return torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2)
'''


def image_part(dataset: ImageDataset, preprocessing: ImagePreprocessing) -> str:
    """Constants, `load(path)`, the input module and the augmentation if there is any."""
    is_idx = not any("/" in name for name in dataset.names)
    pieces = [_constants(dataset, preprocessing, is_idx)]
    pieces += [_IDX] if is_idx else [_decoder(), _FILES]
    pieces += [inspect.getsource(deal), inspect.getsource(ImageInput), _input_module(preprocessing), _LOAD]
    if dataset.data.augmentations:
        pieces += [_augmentation(dataset.data), _AUGMENT]
    return "\n\n\n".join(piece.strip("\n") for piece in pieces)


def _constants(dataset: ImageDataset, preprocessing: ImagePreprocessing, is_idx: bool) -> str:
    data = dataset.data
    values = {
        "CLASSES": list(dataset.classes), "COLOR": data.color, "STRATIFY": data.split.stratify,
        "SPLIT": (data.split.train, data.split.validation, data.split.test), "SPLIT_SEED": data.split.seed,
        "KEEP_GIVEN_TEST": data.keep_given_test and bool(dataset.store.tests.any()),
    }  # fmt: skip
    if is_idx:
        values["LABEL_NAMES"] = list(label_names(data.source))
    else:
        values |= {
            "CLASS_PART": _class_part(dataset),
            "HAS_TEST_FOLDER": bool(dataset.store.tests.any()),
            "IGNORED": IGNORED,
            "SKIPPED": sorted(name for name, _ in dataset.unreadable),
        }
    return "\n".join(f"{name} = {pformat(value, width=110)}" for name, value in values.items())


def _class_part(dataset: ImageDataset) -> int:
    """Which part of each file's path names its class."""
    paths = [PurePosixPath(name).parts for name in dataset.names]
    labels = [dataset.classes[label] for label in dataset.labels]
    deepest = min(map(len, paths)) - 1
    return next(at for at in range(deepest) if all(p[at] == name for p, name in zip(paths, labels, strict=True)))


def _input_module(preprocessing: ImagePreprocessing) -> str:
    arguments = preprocessing.model_dump(exclude={"kind", "classes"})
    text = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
    return f'def input_module():\n    """Mean and std were fitted on the training images, in grey levels."""\n    return ImageInput({text})\n'


def _decoder() -> str:
    """`read_image` and what it needs, as Strata itself reads."""
    constants = [f"{name} = {getattr(decode, name)!r}" for name in ("FORMATS", "LONGEST_SIDE")]
    functions = (decode.Unreadable, decode.read_image, decode._flatten, decode._eight_bits)
    return (
        "\n".join(constants)
        + "\n\n\n"
        + "\n\n\n".join(inspect.getsource(function).strip("\n") for function in functions)
    )


def _augmentation(data: ImageData) -> str:
    changes = {type(item): augmenting.CHANGES[type(item)] for item in data.augmentations}
    sources = [inspect.getsource(change) for change in [augmenting._channels, *changes.values()]]
    settings = [
        f"    ({changes[type(item)].__name__}, SimpleNamespace({', '.join(f'{k}={v!r}' for k, v in item.model_dump(exclude={'kind'}).items())})),"
        for item in data.augmentations
    ]
    return "\n\n".join(sources) + "\n\nAUGMENTATIONS = [\n" + "\n".join(settings) + "\n]\n"
