package io.scopegate.authz.kubernetes;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Knows how to find the API server. Read again every few seconds, so that rotated files take
 * effect.
 */
@FunctionalInterface
public interface ClusterAccess {
  /** Where Kubernetes puts the service account of a pod. */
  Path SERVICE_ACCOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

  /**
   * Reads everything again, and runs the {@code exec} plug-in of a kubeconfig when its credential
   * is about to expire. Blocks on files and on the plug-in, so never call it on an event loop.
   *
   * @throws ClusterAccessException when something is missing or cannot be understood
   */
  Cluster read() throws ClusterAccessException;

  /** The API server did not accept the credentials: cached ones are not used again. */
  default void refused() {}

  /**
   * The way that the configuration asks for. Only what is named is used: {@code ~/.kube/config} and
   * {@code KUBECONFIG} are not looked at.
   *
   * @param kubeconfig the file, or several with the system's path separator between them; null
   *     inside a cluster
   * @param environment the process's environment
   */
  static ClusterAccess of(@Nullable Path kubeconfig, Map<String, String> environment) {
    return kubeconfig == null
        ? new InCluster(environment, SERVICE_ACCOUNT)
        : new Kubeconfig(kubeconfig, environment, InstantSource.system());
  }

  /**
   * Reads a kubeconfig and all files that it names as {@link #read} does, but runs no plug-in and
   * asks nobody: for the check of a configuration.
   *
   * @param kubeconfig as in {@link #of}
   * @param environment the process's environment, in which a plug-in is looked for
   * @throws ClusterAccessException when the gateway could not start with it
   */
  static void check(Path kubeconfig, Map<String, String> environment)
      throws ClusterAccessException {
    new Kubeconfig(kubeconfig, environment, InstantSource.system()).check();
  }
}
