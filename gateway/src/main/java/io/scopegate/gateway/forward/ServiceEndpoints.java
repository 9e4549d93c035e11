package io.scopegate.gateway.forward;

import io.netty.util.concurrent.EventExecutor;
import io.scopegate.gateway.forward.FollowedService.State;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The servers of a Service, as one event loop sees them. */
final class ServiceEndpoints implements EndpointSource {
  private final FollowedService service;
  private final EventExecutor loop;
  private final Duration patience;
  private @Nullable Answer waiting;

  /**
   * For an event loop.
   *
   * @param patience how long is waited for what is known first
   */
  ServiceEndpoints(FollowedService service, EventExecutor loop, Duration patience) {
    this.service = service;
    this.loop = loop;
    this.patience = patience;
  }

  @Override
  public @Nullable List<EndpointAddress> known() {
    return null;
  }

  @Override
  public boolean tellsOfChanges() {
    return true;
  }

  @Override
  public void listen(Runnable changed) {
    service.listen(state -> loop.execute(() -> changed(changed)));
    changed(changed);
  }

  private void changed(Runnable changed) {
    Answer first = waiting;
    waiting = null;
    if (first == null) {
      changed.run();
    } else {
      tell(first);
    }
  }

  @Override
  public void lookUp(Answer answer) {
    loop.execute(() -> tell(answer));
  }

  private void tell(Answer answer) {
    State now = service.state();
    List<EndpointAddress> servers = now.servers();
    if (!now.isAsked()) {
      await(answer, now);
    } else if (servers == null) {
      answer.failed(service.none(now));
    } else if (servers.isEmpty()) {
      answer.none(service.none(now));
    } else {
      answer.found(servers);
    }
  }

  private void await(Answer answer, State now) {
    waiting = answer;
    loop.schedule(
        () -> {
          if (waiting == answer) {
            waiting = null;
            answer.failed(service.none(now));
          }
        },
        patience.toNanos(),
        TimeUnit.NANOSECONDS);
  }
}
