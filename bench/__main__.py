"""`python -m bench` measures."""

import sys

from bench.run import main

sys.exit(main())
