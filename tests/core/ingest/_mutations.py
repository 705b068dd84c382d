"""Files to begin with, and what may happen to them: flipped bytes, lost ranges, and parts that lie about themselves."""

import anndata
import h5py
import numpy as np
import pandas as pd
from scipy import sparse

# Below the number of cells for which a UMAP is computed.
N_CELLS, N_GENES = 18, 24
EXTREMES = (0, 1, -1, 2**7, 2**15, 2**31 - 1, 2**31, 2**32, 2**47, 2**63 - 1, -(2**63))


def originals(directory):
    """Write one file of every layout, small and whole; return their paths."""
    directory.mkdir(parents=True, exist_ok=True)
    return [_written(directory / f"{name}.h5ad", **how) for name, how in LAYOUTS.items()]


LAYOUTS = {
    "csr": {"form": sparse.csr_matrix},
    "csr_gzip": {"form": sparse.csr_matrix, "compression": "gzip", "raw": True},
    "csc_lzf": {"form": sparse.csc_matrix, "compression": "lzf", "layer": True},
    "dense": {"form": np.asarray, "layer": True},
    "dense_gzip": {"form": np.asarray, "compression": "gzip", "logged": True, "raw": True},
    "csr_log": {"form": sparse.csr_matrix, "logged": True, "layer": True},
}


def _written(path, form, compression=None, *, raw=False, layer=False, logged=False):
    random = np.random.default_rng(5)
    counts = random.poisson(2.0, (N_CELLS, N_GENES)).astype(np.float32)
    counts[:, 0] += 1
    values = np.log1p(counts / counts.sum(axis=1, keepdims=True) * 1e4).astype(np.float32) if logged else counts
    obs = pd.DataFrame(
        {
            "CellType": pd.Categorical(random.choice(["Hepatocyte", "Kupffer", "LSEC"], N_CELLS)),
            "Group": pd.Categorical(np.resize(["Healthy", "MASH"], N_CELLS)),
            "depth": counts.sum(axis=1),
            "number": np.arange(N_CELLS),
            "flag": np.arange(N_CELLS) % 2 == 0,
            "text": [f"text {at}" for at in range(N_CELLS)],
        },
        index=[f"cell{at}" for at in range(N_CELLS)],
    )
    var = pd.DataFrame(
        {"gene_ids": [f"ENSG{at:011d}" for at in range(N_GENES)]}, index=[f"G{at}" for at in range(N_GENES)]
    )
    adata = anndata.AnnData(form(values), obs=obs, var=var)
    if raw:
        adata.raw = anndata.AnnData(form(counts), obs=obs, var=var)
    if layer:
        adata.layers["counts"] = form(counts)
    adata.obsm["X_umap"] = random.normal(size=(N_CELLS, 2)).astype(np.float32)
    adata.uns["title"] = "A title"
    adata.write_h5ad(path, compression=compression)
    return path


def mutate(path, source, random):
    """Write a mutated copy of a file; return what was done to it."""
    act = MUTATIONS[random.integers(len(MUTATIONS))]
    path.write_bytes(source.read_bytes())
    try:
        act(path, random)
    except (OSError, ValueError, RuntimeError, LookupError, TypeError) as error:
        return f"{act.__name__} was not possible ({type(error).__name__})"
    return act.__name__


def _bytes(act):
    def on_bytes(path, random):
        content = bytearray(path.read_bytes())
        path.write_bytes(act(content, random))

    on_bytes.__name__ = act.__name__
    return on_bytes


@_bytes
def flips(content, random):
    for at in random.integers(len(content), size=int(random.choice([1, 3, 20, 300]))):
        content[at] ^= 1 << int(random.integers(8))
    return content


@_bytes
def head_flips(content, random):
    """Where most of what describes the file lies."""
    for at in random.integers(min(4_000, len(content)), size=5):
        content[at] = int(random.integers(256))
    return content


@_bytes
def zeros(content, random):
    at, n = int(random.integers(len(content))), int(random.choice([8, 64, 512, 4_096]))
    content[at : at + n] = bytes(len(content[at : at + n]))
    return content


@_bytes
def ones(content, random):
    at = int(random.integers(len(content) // 8)) * 8
    content[at : at + 8] = b"\xff" * 8
    return content


@_bytes
def extremes(content, random):
    at = int(random.integers(len(content) // 8 - 1)) * 8
    content[at : at + 8] = EXTREMES[int(random.integers(len(EXTREMES)))].to_bytes(8, "little", signed=True)
    return content


@_bytes
def cut(content, random):
    return content[: int(random.integers(1, len(content)))]


@_bytes
def swapped(content, random):
    size = int(random.choice([64, 512]))
    one, other = (int(at) for at in random.integers(len(content) - size, size=2))
    content[one : one + size] = content[other : other + size]
    return content


@_bytes
def inserted(content, random):
    at = int(random.integers(len(content)))
    return content[:at] + random.bytes(int(random.integers(1, 64))) + content[at:]


def _parts(file, kind):
    found = []
    file.visititems(lambda name, part: found.append(name) if isinstance(part, kind) else None)
    return found


def _within(act):
    """Make a mutation of one that changes a dataset of the opened file."""

    def on_file(path, random):
        with h5py.File(path, "r+") as file:
            name = str(random.choice(_parts(file, h5py.Dataset)))
            act(file, name, random)

    on_file.__name__ = act.__name__
    return on_file


def _put(file, name, values, **how):
    attributes = dict(file[name].attrs)
    del file[name]
    made = file.create_dataset(name, data=values, **how)
    for key, value in attributes.items():
        made.attrs[key] = value


@_within
def other_type(file, name, random):
    values = file[name][()]
    kind = random.choice(["f8", "i1", "u8", "S3", "c16", "?", "f2"])
    _put(file, name, np.asarray(values).astype(kind))


@_within
def not_a_number(file, name, random):
    values = np.array(file[name][()], dtype="f8")
    values.flat[int(random.integers(values.size))] = random.choice([np.nan, np.inf, -1.5, 1e300, 0.5])
    _put(file, name, values)


@_within
def out_of_range(file, name, random):
    values = np.array(file[name][()])
    values.flat[int(random.integers(values.size))] = random.choice([-1, -2, 127, 100, 30_000])
    _put(file, name, values)


@_within
def longer(file, name, random):
    values = np.asarray(file[name][()])
    n = max(1, values.shape[0] + int(random.choice([-5, -1, 1, 7, 5_000])))
    _put(file, name, np.resize(values, (n, *values.shape[1:])))


@_within
def boundless(file, name, random):
    attributes, kind = dict(file[name].attrs), file[name].dtype
    n = int(random.choice([10**5, 10**7, 10**9, 2**40]))
    del file[name]
    made = file.create_dataset(name, (n,), kind, chunks=(int(random.choice([10, 10**5])),), compression="gzip")
    made.attrs.update(attributes)


@_within
def wide(file, name, random):
    n = file[name].shape[0]
    width = int(random.choice([10**3, 10**6, 10**8]))
    attributes = dict(file[name].attrs)
    del file[name]
    made = file.create_dataset(name, (n,), f"S{width}", chunks=(1,), compression="gzip")
    made.attrs.update(attributes)


@_within
def elsewhere(file, name, random):
    shape = file[name].shape or (1,)
    del file[name]
    if random.random() < 0.3:
        file[name] = h5py.ExternalLink("/etc/hostname", "/x")
    elif random.random() < 0.5:
        file.create_dataset(name, shape, "u1", external=[("/etc/hostname", 0, h5py.h5f.UNLIMITED)])
    else:
        layout = h5py.VirtualLayout(shape, "f4")
        layout[...] = h5py.VirtualSource("gone.h5", "x", shape=shape)
        file.create_virtual_dataset(name, layout, fillvalue=7)


def removed(path, random):
    with h5py.File(path, "r+") as file:
        del file[str(random.choice(_parts(file, h5py.Dataset | h5py.Group)))]


def moved(path, random):
    with h5py.File(path, "r+") as file:
        one, other = (str(name) for name in random.choice(_parts(file, h5py.Dataset | h5py.Group), 2))
        del file[one]
        file[one] = file[other] if random.random() < 0.5 else h5py.SoftLink(f"/{other}")


def attributes(path, random):
    with h5py.File(path, "r+") as file:
        part = file[str(random.choice(_parts(file, h5py.Dataset | h5py.Group)))]
        if not len(part.attrs):
            part = file["obs"]
        key = str(random.choice(list(part.attrs)))
        value = ["", "dataframe", "csr_matrix", "categorical", -1, 1e300, [1, 2], [10**9, 10**9], b"\xff", "x" * 5_000]
        del part.attrs[key]
        if random.random() < 0.8:
            part.attrs[key] = value[int(random.integers(len(value)))]


MUTATIONS = (
    *(flips, flips, head_flips, zeros, zeros, ones, extremes, cut, swapped, inserted),
    *(other_type, not_a_number, out_of_range, longer, boundless, wide, elsewhere, removed, moved, attributes),
)
