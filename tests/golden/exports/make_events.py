# Makes events.golden: a small event file written by the tensorboard package itself, field for field what our writer is
# told to write in tests/exports/tensorboard_events_test.cc. Made with tensorboard 2.21.
# Usage: make_events.py > events.golden
import struct
import sys

from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

TIME = 1795630436.0
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 3, 2) + b"\x08\2\0\0\0pixels\n\xff"


def value(**fields):
    return event_pb2.Event(wall_time=TIME, summary=summary_pb2.Summary(value=[summary_pb2.Summary.Value(**fields)]))


def hparams(tag, **fields):
    data = plugin_data_pb2.HParamsPluginData(**fields)
    return value(tag=tag, tensor=metadata.NULL_TENSOR, metadata=metadata.create_summary_metadata(data))


column = api_pb2.HParamInfo(name="seed", type=api_pb2.DATA_TYPE_FLOAT64, differs=True)
column.domain_interval.min_value = 1
column.domain_interval.max_value = 2
name = api_pb2.HParamInfo(name="name", type=api_pb2.DATA_TYPE_STRING)
name.domain_discrete.values.add(string_value="größe \"%<&")
metric = api_pb2.MetricInfo(name=api_pb2.MetricName(tag="mean/gain"), display_name="mean/gain")
experiment = api_pb2.Experiment(time_created_secs=TIME, hparam_infos=[column, name], metric_infos=[metric])
start = plugin_data_pb2.SessionStartInfo(group_name="run 1", start_time_secs=TIME)
start.hparams["flag"].bool_value = False  # one entry alone: the order of several is not stated
end = plugin_data_pb2.SessionEndInfo(status=api_pb2.STATUS_SUCCESS, end_time_secs=TIME + 2.5)


class Standard:
    def write(self, data):
        sys.stdout.buffer.write(data)


writer = RecordWriter(Standard())
for event in (
    event_pb2.Event(wall_time=TIME, file_version="brain.Event:2"),
    hparams(metadata.EXPERIMENT_TAG, experiment=experiment),
    hparams(metadata.SESSION_START_INFO_TAG, session_start_info=start),
    hparams(metadata.SESSION_END_INFO_TAG, session_end_info=end),
    value(tag="mean/gain", simple_value=0.25),
    value(tag="größe/<b>", simple_value=-1),
    value(tag="bolt/panel", image=summary_pb2.Summary.Image(height=2, width=3, colorspace=3, encoded_image_string=PNG)),
):
    writer.write(event.SerializeToString(deterministic=True))
