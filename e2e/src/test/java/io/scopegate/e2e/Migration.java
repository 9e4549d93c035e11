package io.scopegate.e2e;

import io.scopegate.testkit.TestCa;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs the files that a migration guide shows, with other addresses and nothing else changed. */
final class Migration {
  private static final Duration READY = Duration.ofSeconds(60);

  private final Path directory;
  private final String example;

  /** Begins with the example of this name below {@code deploy/examples}. */
  Migration(String example) {
    this.example = example;
    this.directory = Scratch.directory(example);
  }

  /** Where its files go. */
  Path directory() {
    return directory;
  }

  /**
   * Writes one of the example's files for this machine.
   *
   * @param replaced regular expressions that each must be found, and what stands there now
   */
  Path write(String name, Map<String, String> replaced) {
    String text = Scratch.read(Scratch.repository("deploy/examples/" + example + "/" + name));
    for (Map.Entry<String, String> one : replaced.entrySet()) {
      Matcher matcher = Pattern.compile(one.getKey()).matcher(text);
      if (!matcher.find()) {
        throw new IllegalStateException(name + ": without " + one.getKey());
      }
      text = matcher.replaceAll(one.getValue());
    }
    return Scratch.write(directory.resolve(name), text);
  }

  /** Starts a gateway with this configuration and waits until its admin port says it is ready. */
  Part gateway(Path configuration, int admin) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Dio.netty.leakDetection.level=paranoid");
    command.addAll(
        List.of("io.scopegate.gateway.cli.Main", "serve", "--config", configuration.toString()));
    Part process =
        Part.start(
            "scopegate",
            directory,
            Map.of("CLASSPATH", System.getProperty("java.class.path")),
            command);
    awaitAnswer(process, "http://127.0.0.1:" + admin + "/readyz");
    return process;
  }

  /** Waits until an address answers with 200. */
  static void awaitAnswer(Part process, String url) {
    Http http = Http.one(TestCa.create());
    Until.holds(
        url + " answers",
        READY,
        () -> {
          if (!process.isAlive()) {
            throw new IllegalStateException(process.output());
          }
          return http.get(url).status() == 200;
        });
  }
}
