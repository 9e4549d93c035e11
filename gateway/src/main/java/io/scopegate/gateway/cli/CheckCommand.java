package io.scopegate.gateway.cli;

import io.scopegate.gateway.configuration.LoadedConfig;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code scopegate check}. */
@Command(
    name = "check",
    description = "Validate a configuration file; print every problem with its position.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli sets the annotated fields
final class CheckCommand implements Callable<Integer> {
  @Mixin private ConfigFile config;

  @Option(
      names = "--no-files",
      description =
          "Files that the configuration names may be absent: they are warnings. For machines that"
              + " do not have the gateway's certificates.")
  private boolean noFiles;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    LoadedConfig loaded = noFiles ? config.loadWithoutFiles(err) : config.load(err);
    if (!loaded.isValid()) {
      return Main.WRONG;
    }
    loaded.warnings().forEach(warning -> err.println("warning: " + warning));
    err.flush();
    spec.commandLine()
        .getOut()
        .println(loaded.file() + ": fine" + counted(loaded.warnings().size()));
    return Main.OK;
  }

  private static String counted(int warnings) {
    return warnings == 0 ? "" : ", with " + warnings + (warnings == 1 ? " warning" : " warnings");
  }
}
