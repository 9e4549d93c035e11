package io.scopegate.e2e.hostile;

import io.scopegate.e2e.FreePorts;
import io.scopegate.e2e.Part;
import io.scopegate.e2e.Parts;
import io.scopegate.e2e.Scratch;
import io.scopegate.e2e.Until;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Another proxy in front of an upstream of its own, for comparison. */
final class Peer implements AutoCloseable {
  private static final Duration READY = Duration.ofSeconds(20);

  private final Kind kind;
  private final int port = FreePorts.next();
  private final SplitUpstream upstream = new SplitUpstream();
  private final Part process;

  Peer(Kind kind) {
    this.kind = kind;
    Path directory = Scratch.directory(kind.binary);
    Map<String, String> values =
        Map.of(
            "PORT", Integer.toString(port),
            "UPSTREAM_PORT", Integer.toString(upstream.port()),
            "DIR", directory.toString());
    Path config =
        Scratch.write(directory.resolve(kind.config), Scratch.template(kind.config, values));
    List<String> command = new ArrayList<>();
    command.add(Parts.need(kind.binary).toString());
    command.addAll(List.of(kind.arguments.split(" ")));
    command.add(config.toString());
    process = Part.start(kind.binary, directory, Map.of(), command);
    Until.holds(kind + " is ready, see " + directory, READY, this::isOpen);
  }

  private boolean isOpen() throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    }
  }

  int port() {
    return port;
  }

  SplitUpstream upstream() {
    return upstream;
  }

  @Override
  public void close() throws IOException {
    process.close();
    upstream.close();
  }

  @Override
  public String toString() {
    return kind.binary;
  }

  /** Those that are compared with. */
  enum Kind {
    NGINX("nginx", "framing-nginx.conf", "-c"),
    HAPROXY("haproxy", "framing-haproxy.cfg", "-db -f"),
    ENVOY(
        "envoy",
        "framing-envoy.yaml",
        "--use-dynamic-base-id --concurrency 1 --log-level error -c");

    private final String binary;
    private final String config;
    private final String arguments;

    Kind(String binary, String config, String arguments) {
      this.binary = binary;
      this.config = config;
      this.arguments = arguments;
    }

    boolean isThere() {
      return Parts.has(binary);
    }
  }
}
