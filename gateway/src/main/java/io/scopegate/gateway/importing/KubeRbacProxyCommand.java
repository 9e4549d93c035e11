package io.scopegate.gateway.importing;

import io.scopegate.gateway.configuration.LoadedConfig;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code scopegate import kube-rbac-proxy}. */
@Command(
    name = "kube-rbac-proxy",
    description = {
      "Print the configuration that is equivalent to these flags of kube-rbac-proxy.",
      "Comments say what differs."
    },
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli sets the annotated fields
final class KubeRbacProxyCommand implements Callable<Integer> {
  private static final int WRONG = 1;

  @Parameters(
      paramLabel = "FLAGS",
      arity = "1..*",
      description = "The flags of kube-rbac-proxy, after --.")
  private List<String> flags = new ArrayList<>();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    KubeRbacProxy proxy;
    try {
      proxy = KubeRbacProxy.ofManifest(flags);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    LoadedConfig loaded = proxy.loadWithoutFiles();
    loaded.problems().forEach(problem -> err.println(KubeRbacProxy.shown(problem)));
    err.flush();
    if (!loaded.isValid()) {
      return WRONG;
    }
    spec.commandLine().getOut().print(proxy.yaml());
    spec.commandLine().getOut().flush();
    return 0;
  }
}
