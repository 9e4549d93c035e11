/** What is generated for those who watch the gateway, and tests of it. */
package io.scopegate.gateway.monitoring;
