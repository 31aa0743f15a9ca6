"""Makes numpy_arrays.pt: pickled with protocol 2 as torch.save does it, by NumPy alone."""
import argparse
import pickle
import zipfile

import numpy as np

a = np.arange(6, dtype=np.int16).reshape(2, 3)
value = {
    "array": a,
    "again": [a, a],
    "fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "big": np.arange(3, dtype=">f4"),
    "empty": np.zeros((0, 4)),
    "flag": np.bool_(True),
    "float32": np.float32(0.1),
    "int64": np.int64(-7),
    "names": np.array(["a", "bc"]),
    "objects": np.array([1, "x"], dtype=object),
    "args": argparse.Namespace(lr=0.1, names=["a"]),
    "more": [argparse.Namespace(depth=3), argparse.Namespace(depth=4)],
}
with zipfile.ZipFile("numpy_arrays.pt", "w") as archive:
    for name, data in [("data.pkl", pickle.dumps(value, protocol=2)), ("byteorder", b"little"), ("version", b"3\n")]:
        archive.writestr(zipfile.ZipInfo(f"archive/{name}"), data)
