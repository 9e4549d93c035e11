package io.scopegate.gateway.reload;

import io.scopegate.authz.kubernetes.ServiceListener;
import io.scopegate.authz.kubernetes.ServicePort;
import io.scopegate.authz.kubernetes.ServiceServers;
import io.scopegate.gateway.forward.ServiceDirectory;
import io.scopegate.gateway.forward.UpstreamService;
import io.scopegate.gateway.telemetry.KubernetesMeters;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Services as the cluster knows them. Upstreams are made before there is a client of the API
 * server: what is followed until then begins with it. For any thread.
 */
public final class ClusterServices implements ServiceDirectory {
  private static final String RESOURCE = "endpointslices";

  private final @Nullable String zone;
  private final KubernetesMeters meters;
  private final Set<Followed> all = new LinkedHashSet<>();
  private @Nullable BiFunction<ServicePort, ServiceListener, Runnable> client;

  /**
   * Nobody can be asked yet.
   *
   * @param zone where this process is; null when that is not known
   */
  public ClusterServices(@Nullable String zone, KubernetesMeters meters) {
    this.zone = zone;
    this.meters = meters;
  }

  /**
   * There is a client now.
   *
   * @param follow begins to follow a Service, and returns what ends that
   */
  synchronized void connected(BiFunction<ServicePort, ServiceListener, Runnable> follow) {
    client = follow;
    all.forEach(one -> one.begin(follow));
  }

  @Override
  public synchronized Runnable follow(UpstreamService service, Listener listener) {
    Followed followed = new Followed(service, listener);
    all.add(followed);
    tellMeters();
    if (client != null) {
      followed.begin(client);
    }
    return followed::end;
  }

  /** Followed means all of them. */
  private void tellMeters() {
    meters.followed(RESOURCE, !all.isEmpty() && all.stream().allMatch(one -> one.isFollowed));
  }

  private final class Followed implements ServiceListener {
    private final ServicePort service;
    private final Listener listener;
    private @Nullable Runnable end;
    private boolean isFollowed;

    Followed(UpstreamService service, Listener listener) {
      this.service = new ServicePort(service.namespace(), service.name(), service.port(), zone);
      this.listener = listener;
    }

    void begin(BiFunction<ServicePort, ServiceListener, Runnable> follow) {
      end = follow.apply(service, this);
    }

    void end() {
      Runnable ending;
      synchronized (ClusterServices.this) {
        all.remove(this);
        ending = end;
        tellMeters();
      }
      if (ending != null) {
        ending.run();
      }
    }

    @Override
    public void found(ServiceServers servers) {
      listener.found(servers.all().stream().map(Followed::server).toList(), servers.whyNone());
    }

    private static Server server(ServiceServers.Server one) {
      return new Server(one.address(), one.port(), one.isNear());
    }

    @Override
    public void followed(boolean now) {
      synchronized (ClusterServices.this) {
        isFollowed = now;
        tellMeters();
      }
    }

    @Override
    public void failing(String why) {
      listener.failing(why);
    }
  }
}
