"""The routes of the project."""

from django.urls import path
from invoices import views

urlpatterns = [
    path("invoices/<int:invoice_id>/approve", views.approve),
    path("jobs/<uuid:job_id>", views.show),
    path("rendered", views.rendered),
]
