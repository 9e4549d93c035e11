package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a reader of a guide has: a shell in a directory that is empty but for {@code scopegate} and
 * {@code deploy} of a checkout, and the usual commands. Variables last from one command to the
 * next.
 */
final class Shell {
  private static final Duration AT_MOST = Duration.ofSeconds(120);

  private final Path directory;
  private final Map<String, String> environment = new HashMap<>();
  private final StringBuilder said = new StringBuilder();
  private int commands;

  /**
   * Opens one.
   *
   * @param kubeconfig the reader's own
   */
  Shell(String name, Path kubeconfig) {
    directory = Scratch.directory(name);
    Path bin = directory.resolve(".bin");
    try {
      Files.createDirectory(bin);
      Files.createSymbolicLink(directory.resolve("deploy"), Scratch.repository("deploy"));
      Files.createSymbolicLink(bin.resolve("kubectl"), Parts.need("kubectl"));
      Path launcher = Scratch.write(bin.resolve("scopegate"), launcher());
      if (!launcher.toFile().setExecutable(true)) {
        throw new IllegalStateException("not executable: " + launcher);
      }
      Files.createSymbolicLink(directory.resolve("scopegate"), launcher);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Scratch.write(directory.resolve(".env"), "");
    environment.put("PATH", bin + ":" + System.getenv("PATH"));
    environment.put("KUBECONFIG", kubeconfig.toString());
    environment.put("HOME", directory.toString());
    environment.put("CLASSPATH", GatewayJvm.classPath());
  }

  /** As the launcher of a checkout, with the classes of this build. */
  private static String launcher() {
    return "#!/bin/sh\nexec '"
        + Path.of(System.getProperty("java.home"), "bin", "java")
        + "' -XX:TieredStopAtLevel=1 -XX:+UseSerialGC io.scopegate.gateway.cli.Main \"$@\"\n";
  }

  /** Gives it a command that it may not have. */
  void tool(String name) {
    try {
      Files.createSymbolicLink(directory.resolve(".bin").resolve(name), Parts.need(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path directory() {
    return directory;
  }

  Path write(String file, String text) {
    return Scratch.write(directory.resolve(file), text);
  }

  /** Runs a command that has to succeed, and returns what it printed. */
  String run(String command) {
    Part.Ended ended = tryOut(command);
    assertThat(ended.code()).as("%s\n%s", command, ended.output()).isZero();
    return ended.output();
  }

  /** Runs a command. */
  Part.Ended tryOut(String command) {
    String script = "set -a; . ./.env; set -eo pipefail\n" + command + "\nexport -p > .env\n";
    Part.Ended ended =
        Part.run(
            "command-" + ++commands,
            directory,
            environment,
            AT_MOST,
            List.of("bash", "-c", script));
    said.append(ended.output());
    return ended;
  }

  /** All that commands have printed which have ended. */
  String said() {
    return said.toString();
  }

  /** Starts a command that goes on. */
  Part start(String command) {
    return Part.start(
        "command-" + ++commands, directory, environment, List.of("bash", "-c", "exec " + command));
  }
}
