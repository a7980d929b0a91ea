# Prints what MLflow's own client finds in an experiment, one line per thing. Made with and for mlflow 3.17.
# Usage: read_mlflow.py TRACKING_URI EXPERIMENT
import sys

from mlflow.tracking import MlflowClient

client = MlflowClient(tracking_uri=sys.argv[1])
experiment = client.get_experiment_by_name(sys.argv[2])
for run in sorted(client.search_runs([experiment.experiment_id]), key=lambda run: run.info.run_name):
    print("run", run.info.run_name, run.info.status, "child" if "mlflow.parentRunId" in run.data.tags else "top")
    histories = [client.get_metric_history(run.info.run_id, key) for key in sorted(run.data.metrics)]
    print("metrics", len(histories), "longest history", max([len(h) for h in histories], default=0))
    print("params", len(run.data.params))
    for history in histories[-3:]:
        print("metric", history[0].key, history[0].value)
    folders, files = [None], []
    while folders:
        for entry in client.list_artifacts(run.info.run_id, folders.pop()):
            (folders if entry.is_dir else files).append(entry.path)
    print("files", *sorted(files))
