"""Sessions of the ONNX runtime as a show needs them: on the processor, quiet, and no larger than they must be."""

from pathlib import Path
from typing import Any


def session(onnx: Any, path: Path, threads: int, level: Any = None, keep: Path | None = None) -> Any:
    """Load a model. Blocking.

    Args:
        level: how far it is prepared (``GraphOptimizationLevel``); None for as far as the runtime does by itself.
        keep: where the runtime writes the model that it prepared.
    """
    onnx.set_default_logger_severity(3)
    onnx.disable_telemetry_events()
    options = onnx.SessionOptions()
    if level is not None:
        options.graph_optimization_level = level
    if keep is not None:
        options.optimized_model_filepath = str(keep)
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # a memory plan is kept for every input length: 60 clauses grew by 60 MB, without plans by 12, at the same speed
    options.enable_mem_pattern = False
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnx.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
