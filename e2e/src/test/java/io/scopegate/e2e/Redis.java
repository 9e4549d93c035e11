package io.scopegate.e2e;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A Redis server with a password, which keeps nothing when it ends. */
final class Redis implements AutoCloseable {
  private static final String PASSWORD = "hush-b7f2c1";
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
    Path directory = Scratch.directory("redis");
    Part process =
        Part.start(
            "redis",
            directory,
            Map.of(),
            List.of(
                Parts.need("redis-server").toString(),
                "--port",
                Integer.toString(port),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no",
                "--requirepass",
                PASSWORD));
    Until.holds("Redis answers", READY, () -> tell(port, "PING").equals("+PONG"));
    return process;
  }

  String url() {
    return "redis://:" + PASSWORD + "@127.0.0.1:" + port;
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

  private static String tell(int port, String command) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      String both = "AUTH " + PASSWORD + "\r\n" + command + "\r\n";
      socket.getOutputStream().write(both.getBytes(StandardCharsets.US_ASCII));
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      String authenticated = in.readLine();
      return "+OK".equals(authenticated) ? in.readLine() : authenticated;
    }
  }

  @Override
  public void close() {
    process.close();
  }
}
