package io.scopegate.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A process: one of the real parts, or the gateway. It never outlives the tests. */
public final class Part implements AutoCloseable {
  private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> RUNNING.forEach(Process::destroyForcibly)));
  }

  private final String name;
  private final Process process;
  private final Path out;
  private final Path err;

  private Part(String name, Process process, Path out, Path err) {
    this.name = name;
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /**
   * Starts a process.
   *
   * @param directory where it runs and where {@code NAME.out} and {@code NAME.err} go
   * @param environment what is added to the environment
   */
  public static Part start(
      String name, Path directory, Map<String, String> environment, List<String> command) {
    Path out = directory.resolve(name + ".out");
    Path err = directory.resolve(name + ".err");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectOutput(ProcessBuilder.Redirect.appendTo(out.toFile()))
            .redirectError(ProcessBuilder.Redirect.appendTo(err.toFile()));
    builder.environment().keySet().removeIf(key -> key.startsWith("ETCD_"));
    builder.environment().putAll(environment);
    try {
      Process process = builder.start();
      process.getOutputStream().close();
      RUNNING.add(process);
      return new Part(name, process, out, err);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs a command to its end, which has to come in that time. */
  public static Ended run(
      String name,
      Path directory,
      Map<String, String> environment,
      Duration atMost,
      List<String> command) {
    try (Part part = start(name, directory, environment, command)) {
      int code = part.awaitEnd(atMost);
      return new Ended(code, part.output());
    }
  }

  /** Everything it has written, both streams. */
  public String output() {
    return read(out) + read(err);
  }

  /** What it has written to standard output. */
  String standardOutput() {
    return read(out);
  }

  /** What the kernel says of it, below {@code /proc}. */
  Path files() {
    return Path.of("/proc/" + process.pid());
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Stops it with SIGSTOP: it keeps its connections and answers nothing. */
  void freeze() {
    signal("STOP");
  }

  /** Lets a frozen one go on. */
  void thaw() {
    signal("CONT");
  }

  /** Sends SIGTERM and does not wait. */
  public void terminate() {
    process.destroy();
  }

  /** The exit code, which has to come in that time. */
  public int awaitEnd(Duration atMost) {
    try {
      if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError(name + " still runs after " + atMost + ": " + output());
      }
      RUNNING.remove(process);
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** The largest resident memory it ever had, in MiB. */
  long peakMemoryMib() {
    return memoryKib("VmHWM") / 1024;
  }

  /** The resident memory it has now, in KiB. */
  public long residentKib() {
    return memoryKib("VmRSS");
  }

  /**
   * How long each of its threads has run, or waited for a core, in nanoseconds. What changes by
   * less than the time that passes was idle in between, however busy the machine is.
   */
  public Map<Path, Long> wantedNanos() {
    Map<Path, Long> all = new HashMap<>();
    cpuTimes().forEach((thread, times) -> all.put(thread, times.run() + times.waited()));
    return all;
  }

  /**
   * What a thread had of the cores so far, in nanoseconds.
   *
   * @param run for how long it has run
   * @param waited for how long it could have run, and others did
   */
  public record CpuTime(long run, long waited) {}

  /** That of each of its threads. */
  public Map<Path, CpuTime> cpuTimes() {
    Map<Path, CpuTime> all = new HashMap<>();
    try (DirectoryStream<Path> tasks =
        Files.newDirectoryStream(Path.of("/proc/" + process.pid() + "/task"))) {
      for (Path task : tasks) {
        String[] times = read(task.resolve("schedstat")).split(" ");
        all.put(task, new CpuTime(Long.parseLong(times[0]), Long.parseLong(times[1])));
      }
    } catch (IOException | UncheckedIOException e) {
      return Map.of(); // a thread, or the whole process, has just ended
    }
    return all;
  }

  private long memoryKib(String kind) {
    String status = read(Path.of("/proc/" + process.pid() + "/status"));
    Matcher memory = Pattern.compile(kind + ":\\s+(\\d+) kB").matcher(status);
    if (!memory.find()) {
      throw new IllegalStateException("no " + kind + ": " + status);
    }
    return Long.parseLong(memory.group(1));
  }

  /** Kills it: some of the parts take half a minute to obey SIGTERM. */
  @Override
  public void close() {
    process.destroyForcibly();
    awaitEnd(Duration.ofSeconds(30));
  }

  private void signal(String signal) {
    try {
      Process kill = new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start();
      if (kill.waitFor() != 0) {
        throw new IllegalStateException("kill -" + signal + " " + name);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private static String read(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A process that has ended.
   *
   * @param code its exit code
   * @param output what it wrote, both streams
   */
  public record Ended(int code, String output) {}
}
