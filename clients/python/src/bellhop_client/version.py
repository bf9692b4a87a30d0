"""The version of this distribution, which the server sees."""

VERSION = "0.1.0"
