package io.scopegate.e2e;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A Redis server with a password, which keeps nothing when it ends. */
final class Redis implements AutoCloseable {
  private static final String PASSWORD = "hush-b7f2c1";
  static final String USER = "scopegate";
  private static final Path GUIDE = Path.of("../docs/guides/limits.md");
  private static final Duration READY = Duration.ofSeconds(60);
  private static final int PATIENCE_MILLIS = 20_000;

  private final int port;
  private Part process;

  private Redis(int port, Part process) {
    this.port = port;
    this.process = process;
  }

  /** Starts one; without the part the test is skipped. */
  static Redis start() {
    int port = FreePorts.next();
    return new Redis(port, launch(port));
  }

  private static Part launch(int port) {
    return launch("redis", port, Scratch.directory("redis"), List.of());
  }

  /** Starts a server on a port, with further words of its configuration, and waits for it. */
  static Part launch(String name, int port, Path directory, List<String> further) {
    List<String> command = new ArrayList<>(List.of(Parts.need("redis-server").toString()));
    command.addAll(List.of("--port", Integer.toString(port), "--bind", "127.0.0.1"));
    command.addAll(List.of("--save", "", "--appendonly", "no"));
    command.addAll(List.of("--requirepass", PASSWORD, "--masterauth", PASSWORD));
    command.addAll(further);
    Part process = Part.start(name, directory, Map.of(), command);
    Until.holds(name + " answers", READY, () -> tell(port, "PING").equals("+PONG"));
    return process;
  }

  String url() {
    return "redis://:" + PASSWORD + "@127.0.0.1:" + port;
  }

  /** The same for a user that may do what the guide says, and nothing else. */
  String urlOfUser() throws IOException {
    allow(port, "");
    return "redis://" + USER + ":" + PASSWORD + "@127.0.0.1:" + port;
  }

  /** Makes the user of the guide on a server, with further rights. */
  static void allow(int port, String further) throws IOException {
    String line =
        Files.readString(GUIDE)
            .lines()
            .filter(l -> l.startsWith("ACL SETUSER " + USER + " "))
            .findFirst()
            .orElseThrow();
    String answer = tell(port, line.replace(">PASSWORD", ">" + PASSWORD) + further);
    if (!answer.equals("+OK")) {
      throw new IOException("ACL SETUSER: " + answer);
    }
  }

  static String password() {
    return PASSWORD;
  }

  Part process() {
    return process;
  }

  /** Kills it as an operating system would. */
  void kill() {
    process.close();
  }

  /** Starts it again, empty. */
  void restart() {
    process = launch(port);
  }

  /** The first line of what it says to a command. */
  String tell(String command) throws IOException {
    return tell(port, command);
  }

  static String tell(int port, String command) throws IOException {
    return ask(port, PASSWORD, command).get(0);
  }

  /**
   * What a server answers to a command: its lines as they come, or the texts of a list.
   *
   * @throws IOException when it is not there
   */
  static List<String> ask(int port, String password, String command) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      String both = "AUTH " + password + "\r\n" + command + "\r\n";
      socket.getOutputStream().write(both.getBytes(StandardCharsets.US_ASCII));
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      String authenticated = in.readLine();
      return "+OK".equals(authenticated) ? read(in) : List.of("" + authenticated);
    }
  }

  private static List<String> read(BufferedReader in) throws IOException {
    String line = "" + in.readLine();
    if (line.startsWith("$") && !line.startsWith("$-")) {
      char[] text = new char[Integer.parseInt(line.substring(1)) + 2];
      for (int n = 0; n < text.length; n++) {
        text[n] = (char) in.read();
      }
      return List.of(new String(text).strip());
    }
    if (!line.startsWith("*") || line.startsWith("*-")) {
      return List.of(line);
    }
    List<String> all = new ArrayList<>();
    for (int n = Integer.parseInt(line.substring(1)); n > 0; n--) {
      all.addAll(read(in));
    }
    return all;
  }

  @Override
  public void close() {
    process.close();
  }
}
