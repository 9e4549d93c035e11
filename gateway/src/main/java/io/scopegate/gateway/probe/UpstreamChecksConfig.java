package io.scopegate.gateway.probe;

import io.scopegate.config.Key;
import java.time.Duration;

/**
 * When upstreams are looked at, and what readiness makes of it.
 *
 * @param interval how often; zero for never
 * @param timeout how long one question may take
 * @param unreachable readiness while an upstream is away or does not speak what is sent to it
 * @param singleTenant readiness while a Tempo answers queries without a tenant
 */
public record UpstreamChecksConfig(
    @Key(
            doc =
                "How often each upstream is checked, besides at start and after a reload: is it"
                    + " there, does it speak what is forwarded to it, and does a Tempo refuse"
                    + " queries without a tenant. While something is wrong it is checked more"
                    + " often. `0s`: never. Upstreams of `serves: [proxy]` are never checked.",
            def = "5m",
            reload = Key.Reload.AT_ONCE)
        Duration interval,
    @Key(
            doc =
                "How long one question to an upstream may take. At start, readiness waits this long"
                    + " at most for the first check.",
            def = "5s",
            reload = Key.Reload.AT_ONCE)
        Duration timeout,
    @Key(
            doc =
                "What `/readyz` says while an upstream is unreachable, or does not speak what is"
                    + " forwarded to it: `ready` (with a warning) or `not-ready`.",
            def = "ready",
            reload = Key.Reload.AT_ONCE)
        Verdict unreachable,
    @Key(
            doc =
                "What `/readyz` says while a Tempo answers a query without a tenant. Such a Tempo"
                    + " lacks `multitenancy_enabled: true`: everybody who may read one tenant can"
                    + " read all traces. `not-ready`, or `ready` (with a warning).",
            def = "not-ready",
            reload = Key.Reload.AT_ONCE)
        Verdict singleTenant) {

  /** What readiness makes of it. */
  public enum Verdict {
    /** Ready, with a warning. */
    READY,
    /** Not ready. */
    NOT_READY
  }

  /** Whether anything is checked at all. */
  public boolean isOn() {
    return !interval.isZero();
  }
}
