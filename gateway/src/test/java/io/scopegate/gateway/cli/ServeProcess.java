package io.scopegate.gateway.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/** {@code scopegate serve} as a process of its own. */
final class ServeProcess implements AutoCloseable {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final Process process;
  private final List<String> lines = new CopyOnWriteArrayList<>();

  private ServeProcess(Process process) {
    this.process = process;
    Thread reader = new Thread(this::read, "output");
    reader.setDaemon(true);
    reader.start();
  }

  /** Starts it with a configuration file. */
  static ServeProcess start(Path config) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "io.scopegate.gateway.cli.Main",
                "serve",
                "--config",
                config.toString()));
    return new ServeProcess(new ProcessBuilder(command).redirectErrorStream(true).start());
  }

  private void read() {
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(line);
      }
    } catch (IOException e) {
      lines.add("the output broke off");
    }
  }

  List<String> lines() {
    return lines;
  }

  /** Waits for a line that holds a text. */
  String await(String text) {
    return await(line -> line.contains(text), text);
  }

  private String await(Predicate<String> wanted, String what) {
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (System.nanoTime() - end < 0) {
      for (String line : lines) {
        if (wanted.test(line)) {
          return line;
        }
      }
      LockSupport.parkNanos(10_000_000);
    }
    throw new AssertionError("no line with: " + what + "\n" + String.join("\n", lines));
  }

  /** Sends a signal by its name. */
  void signal(String name) throws IOException, InterruptedException {
    int sent = new ProcessBuilder("kill", "-" + name, "" + process.pid()).start().waitFor();
    if (sent != 0) {
      throw new UncheckedIOException(new IOException("kill: " + sent));
    }
  }

  /** Its exit code. */
  int end() throws InterruptedException {
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      throw new AssertionError("it has not ended\n" + String.join("\n", lines));
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
