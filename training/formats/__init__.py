"""Labelled sentences in the files that labelling tools and spreadsheets write, and back.

On the way in a file passes four stations, each a few modules:

1. a *container* turns bytes into a `Table` of rows by column names: `delimited`, `json_text`, `xlsx`, `parquet`,
   `hf_folder`; `containers` chooses one by the content of the file;
2. a *schema* says what the columns mean and makes a `Draft` of each row: `label_studio`, `label_studio_flat`,
   `argilla`, `doccano`, `columns`; `schemas` lists them, and the first that recognises the table has it;
3. `resolve` looks up the names of topics and makes an `Example` of a draft, or a `Rejected` row with all its faults;
4. `reading` does the three for one path.

On the way out `exports` lists what can be written.
"""

from svodka.training.formats.example import Example, Options, Rejected
from svodka.training.formats.names import TopicNames
from svodka.training.formats.reading import Reading, read_examples

__all__ = ["Example", "Options", "Reading", "Rejected", "TopicNames", "read_examples"]
