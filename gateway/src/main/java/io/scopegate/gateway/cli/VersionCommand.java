package io.scopegate.gateway.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code scopegate version}. */
@Command(
    name = "version",
    description = "Print the version and the commit of Scopegate, and the version of Java.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli sets the annotated fields
final class VersionCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    spec.commandLine()
        .getOut()
        .println("scopegate " + Version.text() + ", Java " + System.getProperty("java.version"));
    return Main.OK;
  }

  /** For {@code --version}. */
  static final class Text implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"scopegate " + Version.text()};
    }
  }
}
