"""Where things are in the source tree, and where what is made from it goes."""

from pathlib import Path

NAME = "payment-gateway"
ROOT = Path(__file__).resolve().parent.parent
BUILD_DIR = ROOT / ".build"
LOCAL_DIR = ROOT / ".local"
