"""Checkpoints that `translate weights` converted, found again by the address that the source named."""

import os
from urllib.parse import urlparse

import paddle


def load_converted_checkpoint(url, model_dir=None, progress=True, file_name=None):
    """The state dict of a converted checkpoint.

    Args:
        url: path of a ``.pdparams`` file; or address or path of the source's checkpoint, whose converted copy is then
            looked for by its name, in ``model_dir`` and in the cache that ``translate weights`` fills:
            ``$TRANSLATE_HOME/checkpoints``, else ``~/.cache/translate/checkpoints``.
        progress: not used, nothing is fetched; it is there because the source passes it.
        file_name: name of the source's checkpoint, where it is not the last part of ``url``.

    Raises:
        FileNotFoundError: no converted copy; says how to make one.
    """
    url = os.fspath(url)
    if url.endswith(".pdparams") and os.path.isfile(url):
        return paddle.load(url)
    name = file_name or os.path.basename(urlparse(url).path)
    converted = os.path.splitext(name)[0] + ".pdparams"
    home = os.environ.get("TRANSLATE_HOME") or os.path.join(os.path.expanduser("~"), ".cache", "translate")
    folders = [folder for folder in (model_dir, os.path.join(home, "checkpoints")) if folder]
    for folder in folders:
        path = os.path.join(folder, converted)
        if os.path.isfile(path):
            return paddle.load(path)
    raise FileNotFoundError(
        f"no converted checkpoint {converted} in {' or '.join(folders)}: fetch {url} and convert it with "
        f"`translate weights {name} -o {converted} --source ENTRY --target ENTRY`"
    )
