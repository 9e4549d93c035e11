package io.scopegate.authz.kubernetes;

import java.nio.file.Path;
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
   * Reads everything again. Blocks on files, so never call it on an event loop.
   *
   * @throws ClusterAccessException when something is missing or cannot be understood
   */
  Cluster read() throws ClusterAccessException;

  /**
   * The way that the configuration asks for. Only what is named is used: {@code ~/.kube/config} and
   * {@code KUBECONFIG} are not looked at.
   *
   * @param kubeconfig the file; null inside a cluster
   * @param environment the process's environment
   */
  static ClusterAccess of(@Nullable Path kubeconfig, Map<String, String> environment) {
    return kubeconfig == null
        ? new InCluster(environment, SERVICE_ACCOUNT)
        : new Kubeconfig(kubeconfig);
  }
}
