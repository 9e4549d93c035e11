package io.scopegate.gateway.cli;

import io.scopegate.gateway.configuration.LoadedConfig;
import io.scopegate.gateway.importing.KubeRbacProxy;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;
import picocli.CommandLine.UnmatchedArgumentException;

/** {@code scopegate serve}. */
@Command(
    name = "serve",
    description = {
      "Run the gateway until SIGTERM; SIGHUP reloads its configuration.",
      "Also accepts the flags of kube-rbac-proxy instead of a file."
    },
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli sets the annotated fields
final class ServeCommand implements Callable<Integer> {
  private final ToIntFunction<LoadedConfig> gateway;

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "The configuration file.")
  private @Nullable Path file;

  @Unmatched private List<String> flags = new ArrayList<>();
  @Spec private CommandSpec spec;

  /**
   * A command that serves with this.
   *
   * @param gateway serves a valid configuration and returns the exit code when it has ended
   */
  ServeCommand(ToIntFunction<LoadedConfig> gateway) {
    this.gateway = gateway;
  }

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    LoadedConfig loaded = file == null ? byFlags(err) : ConfigFile.load(byFile(file), err);
    return loaded.isValid() ? gateway.applyAsInt(loaded) : Main.WRONG;
  }

  private Path byFile(Path given) {
    if (!flags.isEmpty()) {
      throw new UnmatchedArgumentException(spec.commandLine(), flags);
    }
    return given;
  }

  private LoadedConfig byFlags(PrintWriter err) {
    if (flags.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "Missing required option: '--config=FILE', or the flags of kube-rbac-proxy");
    }
    try {
      KubeRbacProxy proxy = KubeRbacProxy.of(flags);
      proxy.notes().forEach(note -> err.println("note: " + note));
      return ConfigFile.shown(proxy.load(), err);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
