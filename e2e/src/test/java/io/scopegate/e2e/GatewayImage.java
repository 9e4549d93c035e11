package io.scopegate.e2e;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The files of a container image in place of this build's classes: {@code SCOPEGATE_E2E_IMAGE}
 * names the OCI layout that {@code deploy/image/build} made. {@code deploy/image/run-unpacked}
 * starts it as its numeric user, with a root that is read-only.
 */
final class GatewayImage {
  private static final String LAYOUT = System.getenv("SCOPEGATE_E2E_IMAGE");
  private static final Duration UNPACKING = Duration.ofMinutes(2);
  private static final String RUN = Scratch.repository("deploy/image/run-unpacked").toString();

  private final Path layout;

  private GatewayImage(Path layout) {
    this.layout = layout;
    // before the first gateway, which has to be ready in a certain time
    Part.Ended ended = run(Map.of(), "version");
    if (ended.code() != 0) {
      throw new IllegalStateException("SCOPEGATE_E2E_IMAGE=" + layout + ": " + ended.output());
    }
  }

  /** The one to run, if one is named. */
  static Optional<GatewayImage> chosen() {
    return Holder.CHOSEN;
  }

  /** Once, when it is first asked for. */
  private static final class Holder {
    static final Optional<GatewayImage> CHOSEN =
        Optional.ofNullable(LAYOUT)
            .filter(name -> !name.isEmpty())
            .map(name -> new GatewayImage(Path.of(name).toAbsolutePath()));
  }

  /** Where the layout is. */
  Path layout() {
    return layout;
  }

  /** Where its files are. */
  Path root() {
    return Path.of(layout + ".unpacked", "rootfs");
  }

  /**
   * Starts the gateway. It sees the files of the run, and no others of this machine.
   *
   * @param flags of the JVM, after those of the image
   */
  Part serve(Path directory, Map<String, String> environment, List<String> flags, Path config) {
    Map<String, String> all = new HashMap<>(environment);
    all.put("JAVA_TOOL_OPTIONS", String.join(" ", flags));
    return Part.start("scopegate", directory, all, command("serve", "--config", config.toString()));
  }

  /** Runs a command of the program to its end. */
  Part.Ended run(Map<String, String> environment, String... arguments) {
    return Part.run(
        "scopegate", Scratch.directory("image"), environment, UNPACKING, command(arguments));
  }

  private List<String> command(String... arguments) {
    List<String> command = new ArrayList<>(List.of(RUN, "-l", layout.toString()));
    command.addAll(List.of("-v", Scratch.all() + ":" + Scratch.all()));
    command.addAll(List.of(arguments));
    return command;
  }
}
