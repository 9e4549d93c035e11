package io.scopegate.e2e;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The gateway's command line, with the classes of this build. */
public final class GatewayJvm {
  private static final String MAIN = "io.scopegate.gateway.cli.Main";

  private GatewayJvm() {}

  /**
   * The command that serves a configuration; {@code CLASSPATH} has to be {@link #classPath}.
   *
   * @param flags of the JVM
   */
  public static List<String> command(List<String> flags, Path config) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.addAll(List.of(MAIN, "serve", "--config", config.toString()));
    return command;
  }

  /** Where the gateway's classes are. */
  public static String classPath() {
    return System.getProperty("java.class.path");
  }
}
