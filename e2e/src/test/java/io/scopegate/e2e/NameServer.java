package io.scopegate.e2e;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * A real name server (dnsmasq) of the zone {@code test}, whose records are kept for a second; and
 * what makes a process ask it and no other, in a mount namespace of its own.
 */
final class NameServer implements AutoCloseable {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final int PATIENCE_MILLIS = 200;
  private static final String MOUNT = "mount --bind \"$0\" /etc/resolv.conf && exec \"$@\"";

  private final Path directory = Scratch.directory("names");
  private final Path binary = Parts.need("dnsmasq");
  private final int port = FreePorts.next();
  private @Nullable Part process;

  /** Without the part, or without namespaces, the test is skipped. */
  NameServer() {
    Part.Ended tried = Part.run("mount", directory, Map.of(), SOON, within(List.of("true")));
    Assumptions.assumeTrue(
        tried.code() == 0, "no mount namespace can be made here (unshare -rm): " + tried.output());
  }

  /** A command with this name server as the only one. */
  List<String> within(List<String> command) {
    // the resolvers of macOS write a port like that, and Netty's reads it
    Path file = Scratch.write(directory.resolve("resolv.conf"), "nameserver 127.0.0.1." + port);
    List<String> all =
        new ArrayList<>(List.of("unshare", "-rm", "sh", "-c", MOUNT, file.toString()));
    all.addAll(command);
    return all;
  }

  /**
   * Has it know these, and nothing else of the zone.
   *
   * @param records in the words of its configuration, such as {@code
   *     srv-host=_query._tcp.tempo.test,a.tempo.test,3200}
   */
  void serve(List<String> records) {
    end();
    List<String> lines =
        new ArrayList<>(
            List.of(
                "port=" + port,
                "listen-address=127.0.0.1",
                "bind-interfaces",
                "no-resolv",
                "no-hosts",
                "local=/test/",
                "local-ttl=1",
                "pid-file=",
                "user=" + System.getProperty("user.name")));
    lines.addAll(records);
    Path file = Scratch.write(directory.resolve("dnsmasq.conf"), String.join("\n", lines) + "\n");
    process =
        Part.start(
            "dnsmasq",
            directory,
            Map.of(),
            List.of(binary.toString(), "--keep-in-foreground", "--conf-file=" + file));
    Until.holds("the name server answers", SOON, this::answers);
  }

  private boolean answers() throws Exception {
    byte[] query = "\0\1\1\0\0\1\0\0\0\0\0\0\4test\0\0\1\0\1".getBytes(StandardCharsets.ISO_8859_1);
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.send(new DatagramPacket(query, query.length, InetAddress.getLoopbackAddress(), port));
      socket.receive(new DatagramPacket(new byte[512], 512));
      return true;
    }
  }

  /** Ends it: nobody answers. */
  void end() {
    Part running = process;
    process = null;
    if (running != null) {
      running.close();
    }
  }

  @Override
  public void close() {
    end();
  }
}
