"""torchrun, but where a process fails, its own message is the last word: no traceback of the launcher."""

import logging
import sys

from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.run import main

if __name__ == "__main__":
    # It would tell how it ends the others.
    logging.getLogger("torch.distributed.elastic.multiprocessing.api").setLevel(logging.CRITICAL)
    try:
        main()
    except ChildFailedError as error:
        rank, failure = error.get_first_failure()
        print(f"process {rank} ended with exit code {failure.exitcode}, and so did the run", file=sys.stderr)
        sys.exit(failure.exitcode if failure.exitcode > 0 else 1)
