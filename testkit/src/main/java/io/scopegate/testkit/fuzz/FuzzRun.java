package io.scopegate.testkit.fuzz;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Fuzzes the targets of a module, as many at a time as there are processors, with <a
 * href="https://github.com/CodeIntelligenceTesting/jazzer">Jazzer</a>, each in a process of its
 * own. The profile {@code fuzz} starts it; Jazzer must be on the class path.
 *
 * <p>What Jazzer finds and learns goes to {@code target/fuzz}: for each target a log, the inputs
 * that reached something new, the input that failed, and a file {@code failure} that sums it up.
 */
public final class FuzzRun {
  private static final String JAZZER = "com.code_intelligence.jazzer.Jazzer";
  private static final Pattern RUNS = Pattern.compile("number_of_executed_units: (\\d+)");
  private static final Pattern COVERED = Pattern.compile("#\\d+\\s+\\w+\\s+cov: (\\d+)");
  private static final int LAST_LINES = 40;

  /** Of an input that is shown as text. */
  private static final int MOST_SHOWN = 3_000;

  /** What failed, in a few lines, for those who sum up. */
  private static final String FAILURE = "failure";

  /** Jazzer's own start and end, and a slow machine. */
  private static final int GRACE_SECONDS = 180;

  private final Path out;
  private final int seconds;
  private final int seed;

  private FuzzRun(Path out, int seconds, int seed) {
    this.out = out;
    this.seconds = seconds;
    this.seed = seed;
  }

  /**
   * Ends with exit code 1 when a target failed.
   *
   * @param arguments the module's folder; seconds for each target; a regular expression for the
   *     names of targets; the seed of what is tried
   */
  public static void main(String[] arguments)
      throws IOException, InterruptedException, ExecutionException {
    Path module = Path.of(arguments[0]);
    int seconds = Integer.parseInt(arguments[1]);
    FuzzRun run =
        new FuzzRun(module.resolve("target/fuzz"), seconds, Integer.parseInt(arguments[3]));
    List<Callable<Boolean>> runs = new ArrayList<>();
    for (FuzzTarget target : FuzzTarget.of(module)) {
      if (target.name().matches(arguments[2])) {
        runs.add(() -> run.fuzz(target));
      }
    }
    ExecutorService threads =
        Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
    boolean good = true;
    for (Future<Boolean> ended : threads.invokeAll(runs)) {
      good &= ended.get();
    }
    threads.shutdown();
    if (!good) {
      System.exit(1);
    }
  }

  private boolean fuzz(FuzzTarget target) throws IOException, InterruptedException {
    Path directory = out.resolve(target.name());
    Path learned = Files.createDirectories(directory.resolve("learned"));
    Files.deleteIfExists(directory.resolve(FAILURE));
    Path log = directory.resolve("log");
    Process process =
        new ProcessBuilder(command(target, directory, learned))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    boolean ended = process.waitFor(seconds + GRACE_SECONDS, TimeUnit.SECONDS);
    if (!ended) {
      process.destroyForcibly().waitFor();
    }
    List<String> lines = Files.readAllLines(log);
    boolean good = ended && process.exitValue() == 0;
    System.out.printf(
        "%-24s %s: %s inputs tried, %s edges reached%n",
        target.name(), good ? "passed" : "FAILED", last(RUNS, lines), last(COVERED, lines));
    if (!good) {
      explain(target, directory, lines);
    }
    return good;
  }

  private List<String> command(FuzzTarget target, Path directory, Path learned) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx1g", "-cp", System.getProperty("java.class.path"), JAZZER));
    command.add("--target_class=" + target.className());
    command.add("--instrumentation_includes=io.scopegate.**");
    command.add("--custom_hook_includes=io.scopegate.**");
    command.add("--reproducer_path=" + directory);
    command.add("-artifact_prefix=" + directory + File.separator);
    command.add("-max_total_time=" + seconds);
    command.add("-seed=" + seed);
    // an input that takes longer, or more memory, is a finding
    command.addAll(List.of("-timeout=60", "-rss_limit_mb=3072", "-max_len=8192"));
    command.add("-print_final_stats=1");
    command.add(learned.toString());
    command.add(target.inputs().toString());
    return command;
  }

  private static String last(Pattern pattern, List<String> lines) {
    String last = "?";
    for (String line : lines) {
      Matcher matcher = pattern.matcher(line);
      if (matcher.find()) {
        last = matcher.group(1);
      }
    }
    return last;
  }

  private static void explain(FuzzTarget target, Path directory, List<String> lines)
      throws IOException {
    lines.stream().skip(Math.max(0, lines.size() - LAST_LINES)).forEach(System.out::println);
    List<String> failure = new ArrayList<>();
    failure.add(target.name() + ": " + cause(lines));
    for (Path input : inputs(directory)) {
      System.out.printf("mend it, and keep the input: cp %s %s%n", input, target.inputs());
      failure.add(shown(input));
    }
    Files.write(directory.resolve(FAILURE), failure);
  }

  /** What Jazzer, or libFuzzer below it, says that went wrong. */
  private static String cause(List<String> lines) {
    return lines.stream()
        .filter(line -> line.startsWith("== Java Exception") || line.contains("ERROR: libFuzzer"))
        .findFirst()
        .orElse(lines.isEmpty() ? "no output" : lines.get(lines.size() - 1));
  }

  private static List<Path> inputs(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.getFileName().toString().matches("(crash|timeout|oom)-.*"))
          .toList();
    }
  }

  private static String shown(Path input) throws IOException {
    byte[] bytes = Files.readAllBytes(input);
    String name = input.getFileName().toString();
    return bytes.length > MOST_SHOWN
        ? name + ": " + bytes.length + " bytes"
        : name + " in base64: " + Base64.getEncoder().encodeToString(bytes);
  }
}
