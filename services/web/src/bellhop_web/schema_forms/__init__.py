"""Forms made of a JSON Schema, such as the fields for the arguments of a task, and back from what was sent to JSON.

`SchemaForm` is what pages use. A part that fields cannot show, or a value that its field cannot hold, is a field for
JSON, so that what was given always comes back.
"""

from bellhop_web.domain import Domain

domain = Domain(package=__name__)
