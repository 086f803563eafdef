"""The project's name and directories."""

from pathlib import Path

NAME = "payment-gateway"
ROOT = Path(__file__).resolve().parent.parent
BUILD_DIR = ROOT / ".build"
LOCAL_DIR = ROOT / ".local"
