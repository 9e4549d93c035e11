package io.scopegate.authz.kubernetes;

import io.scopegate.authz.http.HttpThreads;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One run of a program that prints something short: without a shell, with nothing on its standard
 * input, within a time and a size. What takes longer or prints more is killed, with its children.
 */
final class ExecRun {
  /** A credential with a chain of certificates has some ten thousand. */
  private static final int MAX_OUTPUT_BYTES = 1 << 20;

  private static final int MAX_ERROR_BYTES = 64 * 1024;
  private static final int MAX_SHOWN_LENGTH = 300;

  /**
   * Both streams of one run. They are bounded for all runs together: a child that outlives its
   * parent and keeps the pipe open takes one of them until it ends, and the next run fails in time.
   */
  private static final ExecutorService READERS = HttpThreads.create("exec-credentials", 4);

  private final String where;
  private final List<String> command;
  private final Map<String, String> environment;
  private final Duration timeout;

  /**
   * Starts nothing yet.
   *
   * @param where names it in messages
   * @param command the program and its arguments
   * @param environment all that it sees
   */
  ExecRun(String where, List<String> command, Map<String, String> environment, Duration timeout) {
    this.where = where;
    this.command = command;
    this.environment = environment;
    this.timeout = timeout;
  }

  /** Runs it and returns what it printed. Blocks. */
  String output() throws ClusterAccessException {
    Process process = start();
    Future<String> printed =
        READERS.submit(() -> read(process, process.getInputStream(), MAX_OUTPUT_BYTES));
    Future<String> complaint =
        READERS.submit(() -> read(process, process.getErrorStream(), MAX_ERROR_BYTES));
    try {
      return ended(process, printed, complaint);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClusterAccessException(where + ": the gateway is stopping", "more time");
    } finally {
      kill(process);
      printed.cancel(true);
      complaint.cancel(true);
    }
  }

  private Process start() throws ClusterAccessException {
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectInput(ProcessBuilder.Redirect.from(nothing()));
    builder.environment().clear();
    builder.environment().putAll(environment);
    try {
      return builder.start();
    } catch (IOException e) {
      throw new ClusterAccessException(
          where + ": cannot be started", "a program for this machine", e);
    }
  }

  private static File nothing() {
    return new File(File.separatorChar == '\\' ? "NUL" : "/dev/null");
  }

  private String ended(Process process, Future<String> printed, Future<String> complaint)
      throws ClusterAccessException, InterruptedException {
    long endNanos = System.nanoTime() + timeout.toNanos();
    try {
      String output = printed.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
      if (!process.waitFor(Math.max(0, endNanos - System.nanoTime()), TimeUnit.NANOSECONDS)) {
        throw late();
      }
      if (process.exitValue() != 0) {
        throw new ClusterAccessException(
            where + ": exit code " + process.exitValue() + said(complaint, endNanos),
            "exit code 0 and an ExecCredential");
      }
      return output;
    } catch (TimeoutException e) {
      throw late();
    } catch (ExecutionException e) {
      throw new ClusterAccessException(
          where + ": its output cannot be read or is too long",
          "an ExecCredential of at most 1 MiB");
    }
  }

  private ClusterAccessException late() {
    return new ClusterAccessException(
        where + ": no credential within " + timeout.toSeconds() + " s",
        "a program that asks nothing and ends");
  }

  /** The last line that it complained with, as a terminal would show it. */
  private static String said(Future<String> complaint, long endNanos) throws InterruptedException {
    try {
      long left = Math.max(1, endNanos - System.nanoTime());
      List<String> lines =
          complaint.get(left, TimeUnit.NANOSECONDS).lines().filter(l -> !l.isBlank()).toList();
      return lines.isEmpty()
          ? ""
          : ", \"" + shown(lines.get(lines.size() - 1).strip(), MAX_SHOWN_LENGTH) + "\"";
    } catch (ExecutionException | TimeoutException e) {
      return "";
    }
  }

  /** Text of others for a message: on one line, and not too long. */
  static String shown(String text, int length) {
    String visible = text.replaceAll("[^ -~]", " ");
    return visible.length() > length ? visible.substring(0, length) + "..." : visible;
  }

  private static String read(Process process, InputStream from, int most) throws IOException {
    byte[] bytes = from.readNBytes(most + 1);
    if (bytes.length > most) {
      kill(process);
      throw new IOException("more than " + most + " bytes");
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static void kill(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
