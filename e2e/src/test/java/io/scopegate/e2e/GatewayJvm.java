package io.scopegate.e2e;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** The gateway's command line, with the classes of this build. */
public final class GatewayJvm {
  private static final String MAIN = "io.scopegate.gateway.cli.Main";

  private GatewayJvm() {}

  /**
   * Serves a configuration.
   *
   * @param flags of the JVM
   */
  public static Part serve(
      Path directory, Map<String, String> environment, List<String> flags, Path config) {
    return serve(directory, environment, flags, config, command -> command);
  }

  /**
   * The same as a part of another command, which becomes it.
   *
   * @param within makes the other command of the gateway's
   */
  static Part serve(
      Path directory,
      Map<String, String> environment,
      List<String> flags,
      Path config,
      UnaryOperator<List<String>> within) {
    Map<String, String> all = new HashMap<>(environment);
    all.put("CLASSPATH", classPath());
    return Part.start("scopegate", directory, all, within.apply(command(flags, config)));
  }

  private static List<String> command(List<String> flags, Path config) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.addAll(List.of(MAIN, "serve", "--config", config.toString()));
    return command;
  }

  /** A command of the program; {@code CLASSPATH} has to be {@link #classPath}. */
  static List<String> of(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add(MAIN);
    command.addAll(List.of(arguments));
    return command;
  }

  /** Where the gateway's classes are. */
  static String classPath() {
    return System.getProperty("java.class.path");
  }
}
