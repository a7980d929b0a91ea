# Prints what TensorBoard's own reader finds in a log directory, one line per thing, sorted within each kind.
# Usage: read_events.py LOGDIR     Made with and for tensorboard 2.21; older ones back to 2.10 have the same calls.
import sys

from tensorboard.backend.event_processing import event_multiplexer
from tensorboard.plugins.hparams import metadata

multiplexer = event_multiplexer.EventMultiplexer(
    size_guidance={"scalars": 0, "images": 0, "tensors": 0}, purge_orphaned_data=False
).AddRunsFromDirectory(sys.argv[1])
multiplexer.Reload()
for run in sorted(multiplexer.Runs()):
    accumulator = multiplexer.GetAccumulator(run)
    tags = accumulator.Tags()
    print("run", run, f"{accumulator.FirstEventTimestamp():.1f}")
    scalars = {tag: [(event.step, event.value) for event in accumulator.Scalars(tag)] for tag in tags["scalars"]}
    images = {tag: accumulator.Images(tag) for tag in tags["images"]}
    for tag in tags["tensors"]:
        plugin = accumulator.SummaryMetadata(tag).plugin_data.plugin_name
        if plugin == "scalars":
            events = accumulator.Tensors(tag)
            scalars[tag] = [(event.step, event.tensor_proto.float_val[0]) for event in events]
    for tag in sorted(scalars):
        print("scalar", repr(tag), *(f"{step}:{value:.6g}" for step, value in scalars[tag]))
    for tag in sorted(images):
        for image in images[tag]:
            print("image", repr(tag), image.width, image.height, image.encoded_image_string[-8:].hex())
    contents = accumulator.PluginTagToContent("hparams") if "hparams" in str(accumulator.summary_metadata) else {}
    for tag in sorted(contents):
        if tag == metadata.EXPERIMENT_TAG:
            experiment = metadata.parse_experiment_plugin_data(contents[tag])
            for info in experiment.hparam_infos:
                domain = [str(v).strip() for v in info.domain_discrete.values]
                if info.HasField("domain_interval"):
                    domain = [f"{info.domain_interval.min_value:g}..{info.domain_interval.max_value:g}"]
                print("column", info.name, info.type, "differs" if info.differs else "equal", *domain)
            for info in experiment.metric_infos:
                print("metric", repr(info.name.tag))
        elif tag == metadata.SESSION_START_INFO_TAG:
            session = metadata.parse_session_start_info_plugin_data(contents[tag])
            for name in sorted(session.hparams):
                print("hparam", name, str(session.hparams[name]).strip())
        else:
            end = metadata.parse_session_end_info_plugin_data(contents[tag])
            print("end", end.status, f"{end.end_time_secs:.1f}")
