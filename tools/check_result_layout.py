#!/usr/bin/env python3
"""Reads result files of `trtllm bench --save-result` the way scripts made for vLLM's and TensorRT-LLM's serving benchmarks do.

For each file: are the keys there, with the types and the units that those tools give them, and, where the file has the arrays of
--save-detailed, do the figures follow from the arrays? Percentiles are recomputed here, as numpy's default has them. Standard library only;
shares nothing with the program that wrote the files.

    python3 tools/check_result_layout.py RESULT.json...

Exit code 0: every file is readable both ways; 1: something is not, and what is printed.
"""
import json
import math
import os
import re
import sys

NUMBER = (int, float)
METRICS = ("ttft", "tpot", "itl", "e2el")
PERCENTILE = re.compile(r"^p(\d+(?:\.\d+)?)_(ttft|tpot|itl|e2el)_ms$")

# Key -> (types, may be null). Times are seconds, except where a name ends in _ms.
COMMON = {
    "date": (str, False),
    "backend": (str, False),
    "model_id": (str, False),
    "tokenizer_id": (str, True),
    "num_prompts": (int, False),
    "request_rate": (NUMBER + (str,), False),
    "burstiness": (NUMBER, False),
    "max_concurrency": (int, True),
    "duration": (NUMBER, False),
    "completed": (int, False),
    "total_input_tokens": (int, False),
    "total_output_tokens": (int, False),
    "request_throughput": (NUMBER, False),
    "output_throughput": (NUMBER, False),
    "total_token_throughput": (NUMBER, False),
}
VLLM = {
    **COMMON,
    "endpoint_type": (str, False),
    "label": (str, True),
    "failed": (int, False),
    "request_goodput": (NUMBER, True),
    "max_output_tokens_per_s": (NUMBER, False),
    "max_concurrent_requests": (NUMBER, False),
    "rtfx": (NUMBER, False),
}
TRTLLM = {**COMMON, "request_goodput:": (NUMBER, True), "user_throughput": (NUMBER, False), "avg_decoded_tokens_per_iter": (NUMBER + (dict,), True)}
STATISTICS = {"vLLM": ("mean", "median", "std"), "TensorRT-LLM": ("mean", "median", "std", "min", "max")}
ARRAYS = {
    "vLLM": ("input_lens", "output_lens", "ttfts", "itls", "latencies", "start_times", "queue_times", "generated_texts", "errors"),
    "TensorRT-LLM": ("input_lens", "output_lens", "ttfts", "itls", "e2els", "generated_texts", "errors"),
}


def key_problems(result, layout):
    for key, (types, may_be_null) in layout.items():
        if key not in result:
            yield f"{key}: missing"
        elif result[key] is None:
            if not may_be_null:
                yield f"{key}: null"
        elif isinstance(result[key], bool) or not isinstance(result[key], types):
            yield f"{key}: {result[key]!r}"
    if isinstance(result.get("request_rate"), str) and result["request_rate"] != "inf":
        yield f"request_rate: {result['request_rate']!r}, expected a number or 'inf'"
    if not re.fullmatch(r"\d{8}-\d{6}", str(result.get("date"))):
        yield f"date: {result.get('date')!r}, expected YYYYmmdd-HHMMSS"


def metric_problems(result, statistics):
    """A metric is there as a whole, with one percentile at least, or not at all."""
    for metric in METRICS:
        keys = [f"{name}_{metric}_ms" for name in statistics]
        percentiles = [key for key in result if PERCENTILE.match(key) and f"_{metric}_" in key]
        present = [key for key in keys if key in result]
        if present and (len(present) < len(keys) or not percentiles):
            yield f"{metric}: has {', '.join(present + percentiles)}, expected {', '.join(keys)} and a percentile"
        for key in present:
            if not isinstance(result[key], NUMBER):
                yield f"{key}: {result[key]!r}"


def array_problems(result, names):
    if "ttfts" not in result:
        return
    lengths = {}
    for name in names:
        if name not in result:
            yield f"{name}: missing beside ttfts"
        else:
            lengths[name] = len(result[name])
    if len(set(lengths.values())) > 1:
        yield f"arrays of different lengths: {lengths}"


def order_problems(result):
    """TensorRT-LLM's writer puts these last."""
    last = list(result)[-3:]
    if last != ["request_rate", "burstiness", "max_concurrency"]:
        yield f"the last keys are {last}"


def percentile(values, percent):
    """numpy.percentile's default: linear between order statistics."""
    ordered = sorted(values)
    rank = (len(ordered) - 1) * percent / 100
    low = math.floor(rank)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (rank - low)


def statistic(name, values):
    mean = sum(values) / len(values)
    if name == "std":
        return math.sqrt(sum((value - mean) ** 2 for value in values) / len(values))
    return {"mean": mean, "median": percentile(values, 50), "min": min(values), "max": max(values)}[name]


def samples_of(result, ends):
    """Seconds, of the requests that completed; as the tools' own metrics function collects them."""
    ok = [i for i, error in enumerate(result["errors"]) if not error]
    ttfts, itls, lens = result["ttfts"], result["itls"], result["output_lens"]
    return {
        "ttft": [ttfts[i] for i in ok],
        "tpot": [(ends[i] - ttfts[i]) / (lens[i] - 1) for i in ok if lens[i] > 1],
        "itl": [gap for i in ok for gap in itls[i]],
        "e2el": [ends[i] for i in ok],
    }


def recomputed(result, ends):
    """(key, what the arrays give) for every figure that follows from them."""
    ok = [i for i, error in enumerate(result["errors"]) if not error]
    tokens_in = sum(result["input_lens"][i] for i in ok)
    tokens_out = sum(result["output_lens"])
    seconds = result["duration"]
    yield "completed", len(ok)
    yield "total_input_tokens", tokens_in
    yield "total_output_tokens", tokens_out
    yield "request_throughput", len(ok) / seconds
    yield "output_throughput", tokens_out / seconds
    yield "total_token_throughput", (tokens_in + tokens_out) / seconds
    if "user_throughput" in result and ok:
        yield "user_throughput", sum(result["output_lens"][i] / ends[i] for i in ok) / len(ok)
    for metric, values in samples_of(result, ends).items():
        for key in result:
            match = PERCENTILE.match(key)
            name = key.removesuffix(f"_{metric}_ms")
            if values and match and match[2] == metric and result[key] is not None:
                yield key, 1000 * percentile(values, float(match[1]))
            elif values and key == f"{name}_{metric}_ms" and name in STATISTICS["TensorRT-LLM"]:
                yield key, 1000 * statistic(name, values)


def figure_problems(result, ends_name):
    """Also counts how many figures were recomputed."""
    if "ttfts" not in result:
        return 0, []
    ends = result[ends_name]
    problems, count = [], 0
    for key, expected in recomputed(result, ends):
        count += 1
        if not math.isclose(result[key], expected, rel_tol=1e-6, abs_tol=1e-6):
            problems.append(f"{key}: {result[key]}, but the arrays give {expected}")
    for i, error in enumerate(result["errors"]):
        if error and (result["ttfts"][i] != 0 or result["itls"][i]):
            problems.append(f"request {i} failed ({error}), but has latencies")
        elif not error and not math.isclose(result["ttfts"][i] + sum(result["itls"][i]), ends[i], rel_tol=1e-6, abs_tol=1e-6):
            problems.append(f"request {i}: ttft and gaps sum to {result['ttfts'][i] + sum(result['itls'][i])}, {ends_name} has {ends[i]}")
    return count, problems


def name_problems(path, result):
    """Of a file named by the tool: {backend}-{rate}qps[-concurrency{C}]-{model}-{date}.json"""
    name = os.path.basename(path)
    if "qps" not in name:
        return
    concurrency = "" if result.get("max_concurrency") is None else f"-concurrency{result['max_concurrency']}"
    expected = f"{result.get('backend')}-{result.get('request_rate')}qps{concurrency}-{os.path.basename(str(result.get('model_id')))}-{result.get('date')}.json"
    if name != expected:
        yield f"the file is called {name}, expected {expected}"


def read_as(path, result, tool):
    layout, ends_name = (VLLM, "latencies") if tool == "vLLM" else (TRTLLM, "e2els")
    problems = [*key_problems(result, layout), *metric_problems(result, STATISTICS[tool]), *array_problems(result, ARRAYS[tool]), *name_problems(path, result)]
    if tool == "TensorRT-LLM":
        problems += order_problems(result)
    if problems:
        return 0, problems
    return figure_problems(result, ends_name)


def refused(result):
    """trtllm bench leaves out percentiles of too small samples, which the other tools print; scripts see null."""
    empty = [key for key in result if PERCENTILE.match(key) and result[key] is None]
    return f", null: {', '.join(empty)}" if empty else ""


def main(paths):
    if not paths:
        print(__doc__)
        return 1
    ok = True
    for path in paths:
        with open(path, encoding="utf-8") as file:
            result = json.load(file)
        for tool in ("vLLM", "TensorRT-LLM"):
            count, problems = read_as(path, result, tool)
            print(f"{path}: as {tool}: {'readable' if not problems else 'NOT readable'}, {count} figures recomputed{refused(result)}")
            for problem in problems:
                print(f"  {problem}")
            ok = ok and not problems
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
